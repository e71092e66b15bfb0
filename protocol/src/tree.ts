import { bytesToHex, type Hex, hexToBytes } from "viem";
import { MillraceError } from "./errors.ts";
import { hashText, hashWordsToBytes } from "./words.ts";

// Matched by contracts/libraries/PositionalTree.sol; vectors/tree.json is read by tests of both.
const NODE = hexToBytes(hashText("millrace.tree.node.v1"));

/** The leaf that stands at every index behind the last. */
export const PAD_LEAF: Hex = hashText("millrace.tree.pad.v1");
const PAD = hexToBytes(PAD_LEAF);

/** The leaf of an item for which there is no receipt; distinct from padding, so leaving out is provable. */
export const EMPTY_LEAF: Hex = hashText("millrace.tree.empty.v1");

const HASH_BYTES = 32;

/** Levels above the leaves of a tree of `count` ≥ 1 leaves: ceil(log₂ count). */
export function treeDepth(count: number): number {
  if (!Number.isSafeInteger(count) || count < 1)
    throw new RangeError(`A tree has at least one leaf: ${count}`);
  // In integers: a logarithm would round near the powers of two.
  let depth = 0;
  while (2 ** depth < count) depth++;
  return depth;
}

/** The node above two others. */
export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  return hashWordsToBytes([NODE, left, right]);
}

/**
 * The positional Merkle tree of items and receipts: the bits of a leaf's index say left or right at each level, so a
 * path proves a position. Leaves at indices ≥ n are padding; one leaf is its own root.
 */
export class PositionalTree {
  readonly count: number;
  readonly depth: number;
  /** Real nodes of each level, 32 bytes each, leaves first; what lies right of them is padding. */
  readonly #levels: Uint8Array[] = [];
  readonly #padding: Uint8Array[] = [];

  constructor(leaves: readonly (Hex | Uint8Array)[]) {
    this.count = leaves.length;
    this.depth = treeDepth(leaves.length);
    const bottom = new Uint8Array(leaves.length * HASH_BYTES);
    leaves.forEach((leaf, index) => {
      const bytes = typeof leaf === "string" ? hexToBytes(leaf) : leaf;
      if (bytes.length !== HASH_BYTES)
        throw new RangeError(`Leaf ${index} has ${bytes.length} bytes, not 32.`);
      bottom.set(bytes, index * HASH_BYTES);
    });
    this.#levels.push(bottom);
    this.#padding.push(PAD);
    for (let level = 0; level < this.depth; level++) {
      const parents = Math.ceil(this.#levels[level]!.length / HASH_BYTES / 2);
      const nodes = new Uint8Array(parents * HASH_BYTES);
      for (let i = 0; i < parents; i++) {
        nodes.set(hashNode(this.#node(level, 2 * i), this.#node(level, 2 * i + 1)), i * HASH_BYTES);
      }
      this.#levels.push(nodes);
      const pad = this.#padding[level]!;
      this.#padding.push(hashNode(pad, pad));
    }
  }

  get root(): Hex {
    return this.node(this.depth, 0);
  }

  /** The root of the subtree of 2^`level` leaves from `index` × 2^`level` on. */
  node(level: number, index: number): Hex {
    return bytesToHex(this.#node(level, index));
  }

  /** The siblings on the way from leaf `index` to the root, lowest first. */
  path(index: number): Hex[] {
    this.#checkRange(index, 1);
    return Array.from({ length: this.depth }, (_, level) =>
      bytesToHex(this.#node(level, (index >> level) ^ 1)),
    );
  }

  /** The siblings that {@link verifyRange} needs for leaves [first, first + count), lowest level first, left before right. */
  rangeProof(first: number, count: number): Hex[] {
    this.#checkRange(first, count);
    const proof: Hex[] = [];
    let left = first;
    let right = first + count - 1;
    for (let level = 0; level < this.depth; level++) {
      if (left % 2 === 1) proof.push(bytesToHex(this.#node(level, left - 1)));
      if (right % 2 === 0) proof.push(bytesToHex(this.#node(level, right + 1)));
      left >>= 1;
      right >>= 1;
    }
    return proof;
  }

  #node(level: number, index: number): Uint8Array {
    const nodes = this.#levels[level]!;
    const start = index * HASH_BYTES;
    return start < nodes.length ? nodes.subarray(start, start + HASH_BYTES) : this.#padding[level]!;
  }

  #checkRange(first: number, count: number): void {
    if (!isRange(first, count, this.count)) {
      throw new MillraceError(`No leaves ${first} to ${first + count - 1} in a tree of ${this.count}.`, {
        code: "leaf-out-of-range",
      });
    }
  }
}

/** Whether [first, first + count) is a range of at least one of `total` leaves. */
function isRange(first: number, count: number, total: number): boolean {
  return Number.isSafeInteger(first) && first >= 0 && count >= 1 && first + count <= total;
}

/** Whether `leaf` stands at `index` of the tree of `count` leaves with this `root`. */
export function verifyPath(
  root: Hex,
  count: number,
  leaf: Hex,
  index: number,
  path: readonly Hex[],
): boolean {
  if (!isRange(index, 1, count) || path.length !== treeDepth(count)) return false;
  let node = hexToBytes(leaf);
  let position = index;
  for (const sibling of path) {
    const other = hexToBytes(sibling);
    node = position % 2 === 0 ? hashNode(node, other) : hashNode(other, node);
    // Not a shift, which would end at 31 bits.
    position = Math.floor(position / 2);
  }
  return bytesToHex(node) === root;
}

/** Whether `leaves` stand at [first, first + leaves.length) of the tree of `count` leaves with this `root`. */
export function verifyRange(
  root: Hex,
  count: number,
  first: number,
  leaves: readonly Hex[],
  proof: readonly Hex[],
): boolean {
  if (!isRange(first, leaves.length, count)) return false;
  let nodes = leaves.map((leaf) => hexToBytes(leaf));
  let left = first;
  let used = 0;
  const take = () => (used < proof.length ? hexToBytes(proof[used++]!) : undefined);
  for (let level = 0; level < treeDepth(count); level++) {
    if (left % 2 === 1) {
      const sibling = take();
      if (!sibling) return false;
      nodes.unshift(sibling);
      left--;
    }
    if (nodes.length % 2 === 1) {
      const sibling = take();
      if (!sibling) return false;
      nodes.push(sibling);
    }
    const parents: Uint8Array[] = [];
    for (let i = 0; i < nodes.length; i += 2) parents.push(hashNode(nodes[i]!, nodes[i + 1]!));
    nodes = parents;
    left = Math.floor(left / 2);
  }
  return used === proof.length && nodes.length === 1 && bytesToHex(nodes[0]!) === root;
}
