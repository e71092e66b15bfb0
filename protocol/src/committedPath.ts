import { bytesToHex, type Hex, hexToBytes } from "viem";
import type { ShownPath } from "./nextDemand.ts";
import { hashNode, type PositionalTree } from "./tree.ts";

/**
 * The path of a leaf in the tree that a provider committed to, as far as it follows from receipts that were shown and
 * from what was delivered, where that has the same hash; undefined if it does not.
 *
 * @param delivered the tree over the receipts of what was delivered
 * @param shown leaves that stand in the committed tree, with their paths
 */
export function committedPath(
  delivered: PositionalTree,
  shown: readonly (ShownPath & { leaf: Hex })[],
  index: number,
): Hex[] | undefined {
  const known = new Map<string, Hex>();
  for (const { index: place, leaf, path } of shown) {
    let node = hexToBytes(leaf);
    let position = place;
    known.set(keyOf(0, position), leaf);
    for (const [level, sibling] of path.entries()) {
      const other = hexToBytes(sibling);
      known.set(keyOf(level, position ^ 1), sibling);
      node = position % 2 === 0 ? hashNode(node, other) : hashNode(other, node);
      position = Math.floor(position / 2);
      known.set(keyOf(level + 1, position), bytesToHex(node));
    }
  }
  const nodeAt = (level: number, position: number): Hex | undefined => {
    const itself = known.get(keyOf(level, position));
    if (itself) return itself;
    for (let up = 1; level + up <= delivered.depth; up++) {
      const ancestor = Math.floor(position / 2 ** up);
      const hash = known.get(keyOf(level + up, ancestor));
      if (!hash) continue;
      return hash === delivered.node(level + up, ancestor) ? delivered.node(level, position) : undefined;
    }
    return undefined;
  };
  const path: Hex[] = [];
  for (let level = 0; level < delivered.depth; level++) {
    const sibling = nodeAt(level, Math.floor(index / 2 ** level) ^ 1);
    if (!sibling) return undefined;
    path.push(sibling);
  }
  return path;
}

const keyOf = (level: number, position: number) => `${level}/${position}`;
