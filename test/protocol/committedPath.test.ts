import { committedPath, nextDemand, PositionalTree } from "@millrace/protocol";
import fc from "fast-check";
import { type Hex, numberToHex } from "viem";
import { describe, expect, test } from "vitest";

const hashAt = (value: number): Hex => numberToHex(value, { size: 32 });

const cases = fc.integer({ min: 2, max: 100 }).chain((count) =>
  fc.record({
    leaves: fc.constant(Array.from({ length: count }, (_, index) => hashAt(index + 1))),
    wrong: fc.nat({ max: count - 1 }),
  }),
);

describe("committedPath", () => {
  test("once demands found where the tree departs, every other leaf's path is known", () => {
    fc.assert(
      fc.property(cases, ({ leaves, wrong }) => {
        const delivered = new PositionalTree(leaves);
        const spoilt = leaves.with(wrong, hashAt(9_999));
        const committed = new PositionalTree(spoilt);
        const shown: { index: number; leaf: Hex; path: Hex[] }[] = [];
        for (
          let next = nextDemand(delivered, shown);
          next !== undefined;
          next = nextDemand(delivered, shown)
        ) {
          shown.push({ index: next, leaf: spoilt[next]!, path: committed.path(next) });
        }
        for (const index of leaves.keys()) {
          expect(committedPath(delivered, shown, index)).toEqual(committed.path(index));
        }
      }),
    );
  });

  test("what lies beside a departure that nothing shows is not known", () => {
    const leaves = Array.from({ length: 8 }, (_, index) => hashAt(index + 1));
    const delivered = new PositionalTree(leaves);
    const spoilt = leaves.with(6, hashAt(99));
    const committed = new PositionalTree(spoilt);
    const shown = [{ index: 0, leaf: spoilt[0]!, path: committed.path(0) }];
    expect(committedPath(delivered, shown, 3)).toEqual(committed.path(3));
    expect(committedPath(delivered, shown, 7)).toBeUndefined();
  });

  test("nothing is known where nothing was shown", () => {
    const tree = new PositionalTree([hashAt(1), hashAt(2)]);
    expect(committedPath(tree, [], 0)).toBeUndefined();
  });
});
