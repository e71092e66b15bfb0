import { EMPTY_LEAF, PAD_LEAF, PositionalTree, SparseTree, verifyPath } from "@millrace/protocol";
import fc from "fast-check";
import { type Hex, numberToHex } from "viem";
import { describe, expect, test } from "vitest";

const hashAt = (value: number): Hex => numberToHex(value, { size: 32 });

describe("SparseTree", () => {
  test("is the tree over its leaves", () => {
    const trees = fc.record({
      count: fc.integer({ min: 1, max: 70 }),
      fill: fc.constantFrom(EMPTY_LEAF, PAD_LEAF, hashAt(9)),
      others: fc.dictionary(fc.nat({ max: 69 }).map(String), fc.nat({ max: 1_000 }), { maxKeys: 5 }),
    });
    fc.assert(
      fc.property(trees, ({ count, fill, others }) => {
        const known = Object.entries(others)
          .map(([index, value]) => [Number(index), hashAt(value)] as const)
          .filter(([index]) => index < count);
        const sparse = new SparseTree(count, fill, new Map(known));
        const leaves = Array.from({ length: count }, () => fill);
        for (const [index, leaf] of known) leaves[index] = leaf;
        const tree = new PositionalTree(leaves);
        expect(sparse.root).toBe(tree.root);
        for (let index = 0; index < count; index++) expect(sparse.path(index)).toEqual(tree.path(index));
        for (let level = 0; level <= tree.depth; level++) {
          expect(sparse.node(level, 0)).toBe(tree.node(level, 0));
        }
      }),
    );
  });

  // A tree of as many leaves as a job may have items would not fit into memory.
  test.each([1_000_000, 2 ** 32 - 1])("makes paths of %d leaves", (count) => {
    const index = Math.floor(count / 2);
    const tree = new SparseTree(count, EMPTY_LEAF, new Map([[index, hashAt(7)]]));
    expect(verifyPath(tree.root, count, hashAt(7), index, tree.path(index))).toBe(true);
    expect(verifyPath(tree.root, count, EMPTY_LEAF, count - 1, tree.path(count - 1))).toBe(true);
    expect(verifyPath(tree.root, count, EMPTY_LEAF, index, tree.path(index))).toBe(false);
  });

  test("refuses no leaves", () => {
    expect(() => new SparseTree(0, EMPTY_LEAF)).toThrow(RangeError);
  });
});
