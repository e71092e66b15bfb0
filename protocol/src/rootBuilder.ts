import { bytesToHex, type Hex, hexToBytes } from "viem";
import { hashNode, PAD_LEAF, treeDepth } from "./tree.ts";

/**
 * The root of a `PositionalTree` whose leaves come one by one, in memory for one node of each level. Without the tree
 * there are no paths.
 */
export class RootBuilder {
  count = 0;
  /** The left sibling that waits on each level, if one does. */
  readonly #waiting: (Uint8Array | undefined)[] = [];

  add(leaf: Uint8Array): void {
    let node = leaf;
    let level = 0;
    for (; this.#waiting[level]; level++) {
      node = hashNode(this.#waiting[level]!, node);
      this.#waiting[level] = undefined;
    }
    this.#waiting[level] = node;
    this.count++;
  }

  /** The root over the leaves so far, of which there is at least one. */
  root(): Hex {
    const depth = treeDepth(this.count);
    let pad = hexToBytes(PAD_LEAF);
    let node: Uint8Array | undefined;
    for (let level = 0; level < depth; level++) {
      const left = this.#waiting[level];
      // What is right of the last leaf is padding, whole subtrees of it.
      if (left) node = hashNode(left, node ?? pad);
      else if (node) node = hashNode(node, pad);
      pad = hashNode(pad, pad);
    }
    return bytesToHex(node ?? this.#waiting[depth]!);
  }
}
