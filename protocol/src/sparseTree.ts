import { bytesToHex, type Hex, hexToBytes } from "viem";
import { hashNode, PAD_LEAF, treeDepth } from "./tree.ts";

/**
 * A positional tree whose leaves are all the same but for a few. Its nodes are hashed when they are asked for, so a tree
 * of millions of leaves costs a few dozen hashes, and says what a tree looks like in which leaves were left out.
 */
export class SparseTree {
  readonly count: number;
  readonly depth: number;
  readonly #leaves: ReadonlyMap<number, Hex>;
  /** The root of a subtree of each height that is all filled, and of one that is all padding. */
  readonly #filled: Uint8Array[];
  readonly #padding: Uint8Array[];

  /**
   * @param fill what stands at each index that is not in `leaves`
   * @param leaves by index
   */
  constructor(count: number, fill: Hex, leaves: ReadonlyMap<number, Hex> = new Map()) {
    this.count = count;
    this.depth = treeDepth(count);
    this.#leaves = leaves;
    this.#filled = uniformNodes(fill, this.depth);
    this.#padding = uniformNodes(PAD_LEAF, this.depth);
  }

  get root(): Hex {
    return this.node(this.depth, 0);
  }

  /** The siblings on the way from leaf `index` to the root, lowest first. */
  path(index: number): Hex[] {
    return Array.from({ length: this.depth }, (_, level) => {
      // Not shifts, which would end at 31 bits.
      const position = Math.floor(index / 2 ** level);
      return this.node(level, position % 2 === 0 ? position + 1 : position - 1);
    });
  }

  /** The root of the subtree of 2^`level` leaves from `index` × 2^`level` on. */
  node(level: number, index: number): Hex {
    return bytesToHex(this.#node(level, index));
  }

  #node(level: number, index: number): Uint8Array {
    const first = index * 2 ** level;
    const end = first + 2 ** level;
    if (first >= this.count) return this.#padding[level]!;
    if (level === 0) {
      const leaf = this.#leaves.get(first);
      return leaf === undefined ? this.#filled[0]! : hexToBytes(leaf);
    }
    const isFilled = end <= this.count && ![...this.#leaves.keys()].some((at) => at >= first && at < end);
    if (isFilled) return this.#filled[level]!;
    return hashNode(this.#node(level - 1, 2 * index), this.#node(level - 1, 2 * index + 1));
  }
}

function uniformNodes(leaf: Hex, depth: number): Uint8Array[] {
  const nodes = [hexToBytes(leaf)];
  for (let level = 0; level < depth; level++) nodes.push(hashNode(nodes[level]!, nodes[level]!));
  return nodes;
}
