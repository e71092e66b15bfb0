import { EMPTY_LEAF, PositionalTree, treeDepth, verifyPath, verifyRange } from "@millrace/protocol";
import fc from "fast-check";
import { concatHex, type Hex, keccak256, numberToHex } from "viem";
import { describe, expect, test } from "vitest";
import { readVectors } from "./vectors.ts";

const vectors = readVectors<{
  node: Hex;
  pad: Hex;
  empty: Hex;
  trees: { count: number; root: Hex; paths: { index: number; leaf: Hex; path: Hex[] }[] }[];
  ranges: { total: number; first: number; count: number; proof: Hex[] }[];
}>("tree");

const leafAt = (index: number): Hex => keccak256(numberToHex(index, { size: 32 }));
const leavesOf = (count: number) => Array.from({ length: count }, (_, index) => leafAt(index));

/** Another hash, one bit away. */
function corrupt(hash: Hex, bit: number): Hex {
  return numberToHex(BigInt(hash) ^ (1n << BigInt(bit)), { size: 32 });
}

const bits = fc.integer({ min: 0, max: 255 });
/** A tree and one of its leaves. */
const spots = fc
  .integer({ min: 1, max: 130 })
  .chain((count) => fc.record({ count: fc.constant(count), index: fc.integer({ min: 0, max: count - 1 }) }));
/** A tree and one of its ranges. */
const ranges = spots.chain(({ count, index }) =>
  fc.record({
    total: fc.constant(count),
    first: fc.constant(index),
    count: fc.integer({ min: 1, max: count - index }),
  }),
);

describe("vectors", () => {
  test("the empty leaf", () => {
    expect(EMPTY_LEAF).toBe(vectors.empty);
    expect(EMPTY_LEAF).not.toBe(vectors.pad);
  });

  test.each(vectors.trees)("tree of $count", ({ count, root, paths }) => {
    const tree = new PositionalTree(leavesOf(count));
    expect(tree.root).toBe(root);
    expect(paths.length).toBeGreaterThan(0);
    for (const { index, leaf, path } of paths) {
      expect(tree.path(index)).toEqual(path);
      expect(verifyPath(root, count, leaf, index, path)).toBe(true);
    }
  });

  test.each(vectors.ranges)("range [$first, +$count) of $total", ({ total, first, count, proof }) => {
    const tree = new PositionalTree(leavesOf(total));
    expect(tree.rangeProof(first, count)).toEqual(proof);
    const leaves = leavesOf(total).slice(first, first + count);
    expect(verifyRange(tree.root, total, first, leaves, proof)).toBe(true);
  });
});

describe("treeDepth", () => {
  test.each([
    [1, 0],
    [2, 1],
    [3, 2],
    [4, 2],
    [5, 3],
    [2 ** 20, 20],
    [2 ** 20 + 1, 21],
    [2 ** 32 - 1, 32],
    [2 ** 49 + 1, 50],
  ])("of %d leaves is %d", (count, depth) => {
    expect(treeDepth(count)).toBe(depth);
  });

  test.each([0, -1, 1.5, Number.NaN])("refuses %d leaves", (count) => {
    expect(() => treeDepth(count)).toThrow(RangeError);
  });
});

describe("PositionalTree", () => {
  test("refuses no leaves", () => {
    expect(() => new PositionalTree([])).toThrow(RangeError);
  });

  test("refuses a leaf that is no hash", () => {
    expect(() => new PositionalTree([leafAt(0), "0x12"])).toThrow(RangeError);
  });

  test.each([
    [-1, 1],
    [3, 1],
    [0, 4],
    [0, 0],
    [1.5, 1],
  ])("refuses a range [%d, +%d) that is not in a tree of three", (first, count) => {
    const tree = new PositionalTree(leavesOf(3));
    expect(() => tree.rangeProof(first, count)).toThrow(
      expect.objectContaining({ code: "leaf-out-of-range" }),
    );
  });
});

describe("verifyPath", () => {
  test("accepts every leaf of every tree", () => {
    fc.assert(
      fc.property(spots, ({ count, index }) => {
        const tree = new PositionalTree(leavesOf(count));
        expect(verifyPath(tree.root, count, leafAt(index), index, tree.path(index))).toBe(true);
      }),
    );
  });

  test("refuses any corruption of root, leaf, index, path or count", () => {
    fc.assert(
      fc.property(spots, bits, fc.nat(), ({ count, index }, bit, pick) => {
        const tree = new PositionalTree(leavesOf(count));
        const path = tree.path(index);
        const leaf = leafAt(index);
        expect(verifyPath(corrupt(tree.root, bit), count, leaf, index, path)).toBe(false);
        expect(verifyPath(tree.root, count, corrupt(leaf, bit), index, path)).toBe(false);
        expect(verifyPath(tree.root, count, leaf, (index + 1 + (pick % 300)) % 512, path)).toBe(
          (index + 1 + (pick % 300)) % 512 === index,
        );
        expect(verifyPath(tree.root, count, leaf, index, [...path, leaf])).toBe(false);
        if (path.length === 0) return;
        expect(verifyPath(tree.root, count, leaf, index, path.slice(1))).toBe(false);
        const broken = path.with(pick % path.length, corrupt(path[pick % path.length]!, bit));
        expect(verifyPath(tree.root, count, leaf, index, broken)).toBe(false);
        // A tree of another depth.
        expect(verifyPath(tree.root, 2 * 2 ** tree.depth, leaf, index, path)).toBe(false);
        expect(verifyPath(tree.root, index, leaf, index, path)).toBe(false);
      }),
    );
  });

  test("refuses padding as a leaf", () => {
    const tree = new PositionalTree(leavesOf(4).with(3, vectors.pad));
    expect(new PositionalTree(leavesOf(3)).root).toBe(tree.root);
    expect(verifyPath(tree.root, 3, vectors.pad, 3, tree.path(3))).toBe(false);
  });

  test.each([-1, 0.5, Number.NaN])("refuses the index %d", (index) => {
    const tree = new PositionalTree(leavesOf(2));
    expect(verifyPath(tree.root, 2, leafAt(0), index, tree.path(0))).toBe(false);
  });

  // A job has up to 2³² − 1 items; what verifies it never holds the tree.
  test.each([2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2])("works at index %d", (index) => {
    const path = leavesOf(32);
    const root = path.reduce((below, sibling, level) => {
      const pair = (BigInt(index) >> BigInt(level)) % 2n === 0n ? [below, sibling] : [sibling, below];
      return keccak256(concatHex([vectors.node, ...pair]));
    }, leafAt(7));
    expect(verifyPath(root, 2 ** 32 - 1, leafAt(7), index, path)).toBe(true);
    expect(verifyPath(root, 2 ** 32 - 1, leafAt(7), index - 1, path)).toBe(false);
    expect(verifyRange(root, 2 ** 32 - 1, index, [leafAt(7)], path)).toBe(true);
    expect(verifyRange(root, 2 ** 32 - 1, index - 1, [leafAt(7)], path)).toBe(false);
  });
});

describe("verifyRange", () => {
  test("accepts every range of every tree up to seventeen leaves", () => {
    for (let total = 1; total <= 17; total++) {
      const tree = new PositionalTree(leavesOf(total));
      for (let first = 0; first < total; first++) {
        for (let count = 1; first + count <= total; count++) {
          const leaves = leavesOf(total).slice(first, first + count);
          expect(verifyRange(tree.root, total, first, leaves, tree.rangeProof(first, count))).toBe(true);
        }
      }
    }
  });

  test("agrees with verifyPath on a range of one", () => {
    fc.assert(
      fc.property(spots, ({ count, index }) => {
        const tree = new PositionalTree(leavesOf(count));
        const proof = tree.rangeProof(index, 1);
        expect([...proof].sort()).toEqual([...tree.path(index)].sort());
        expect(verifyRange(tree.root, count, index, [leafAt(index)], proof)).toBe(true);
      }),
    );
  });

  test("refuses any corruption of root, leaves, position, proof or count", () => {
    fc.assert(
      fc.property(ranges, bits, fc.nat(), ({ total, first, count }, bit, pick) => {
        const tree = new PositionalTree(leavesOf(total));
        const leaves = leavesOf(total).slice(first, first + count);
        const proof = tree.rangeProof(first, count);
        const holds = (
          changed: Partial<{ root: Hex; total: number; first: number; leaves: Hex[]; proof: Hex[] }>,
        ) => {
          const all = { root: tree.root, total, first, leaves, proof, ...changed };
          return verifyRange(all.root, all.total, all.first, all.leaves, all.proof);
        };
        expect(holds({})).toBe(true);
        const at = pick % count;
        expect(holds({ root: corrupt(tree.root, bit) })).toBe(false);
        expect(holds({ leaves: leaves.with(at, corrupt(leaves[at]!, bit)) })).toBe(false);
        expect(holds({ leaves: [] })).toBe(false);
        expect(holds({ leaves: leaves.slice(1) })).toBe(false);
        expect(holds({ leaves: [...leaves, leafAt(first + count)] })).toBe(false);
        expect(holds({ first: first + 1 })).toBe(false);
        expect(holds({ first: first - 1 })).toBe(false);
        expect(holds({ total: 2 * 2 ** tree.depth })).toBe(false);
        expect(holds({ total: first })).toBe(false);
        expect(holds({ proof: [...proof, leafAt(0)] })).toBe(false);
        if (count > 1) expect(holds({ leaves: [...leaves].reverse() })).toBe(false);
        if (proof.length === 0) return;
        expect(holds({ proof: proof.slice(1) })).toBe(false);
        const spot = pick % proof.length;
        expect(holds({ proof: proof.with(spot, corrupt(proof[spot]!, bit)) })).toBe(false);
      }),
    );
  });

  test("refuses padding as the last leaf", () => {
    const tree = new PositionalTree(leavesOf(3));
    const leaves = [...leavesOf(3), vectors.pad];
    expect(verifyRange(tree.root, 3, 0, leaves, [])).toBe(false);
  });

  test.each([0.5, Number.NaN])("refuses to start at %d", (first) => {
    const tree = new PositionalTree(leavesOf(2));
    expect(verifyRange(tree.root, 2, first, [leafAt(0)], tree.rangeProof(0, 1))).toBe(false);
  });
});
