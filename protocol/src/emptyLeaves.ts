import { bytesToHex, type Hex, hexToBytes } from "viem";
import { SparseTree } from "./sparseTree.ts";
import { EMPTY_LEAF, hashNode, PAD_LEAF } from "./tree.ts";

/** A leaf for which there is no receipt. */
export interface EmptyLeaf {
  index: number;
  leaf: Hex;
  path: Hex[];
}

const EMPTY_LEAVES = [EMPTY_LEAF, PAD_LEAF];

/** The first leaf, if `root` is that of a tree of `count` leaves that are all empty. */
export function findEmptyTree(root: Hex, count: number): EmptyLeaf | undefined {
  for (const leaf of EMPTY_LEAVES) {
    const tree = new SparseTree(count, leaf);
    if (tree.root === root) return { index: 0, leaf, path: tree.path(0) };
  }
  return undefined;
}

/**
 * The first leaf of a subtree of empty leaves beside the way from a known leaf to the root: what a provider leaves behind
 * that computes only a part of a lot.
 *
 * @param path the siblings on that way, lowest first
 */
export function findEmptyLeaf({
  count,
  leaf,
  index,
  path,
}: {
  count: number;
  leaf: Hex;
  index: number;
  path: readonly Hex[];
}): EmptyLeaf | undefined {
  const trees = EMPTY_LEAVES.map((empty) => ({ empty, tree: new SparseTree(count, empty) }));
  let node = hexToBytes(leaf);
  let position = index;
  for (const [level, sibling] of path.entries()) {
    const isLeft = position % 2 === 0;
    const beside = isLeft ? position + 1 : position - 1;
    const start = beside * 2 ** level;
    const found = start < count ? trees.find(({ tree }) => tree.node(level, beside) === sibling) : undefined;
    if (found) {
      const below = found.tree.path(start).slice(0, level);
      return {
        index: start,
        leaf: found.empty,
        path: [...below, bytesToHex(node), ...path.slice(level + 1)],
      };
    }
    const other = hexToBytes(sibling);
    node = isLeft ? hashNode(node, other) : hashNode(other, node);
    position = Math.floor(position / 2);
  }
  return undefined;
}
