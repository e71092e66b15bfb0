import { nextDemand, PAD_LEAF, PositionalTree, type ShownPath } from "@millrace/protocol";
import fc from "fast-check";
import { type Hex, numberToHex } from "viem";
import { describe, expect, test } from "vitest";

const hashAt = (value: number): Hex => numberToHex(value, { size: 32 });
const leavesOf = (count: number) => Array.from({ length: count }, (_, index) => hashAt(index + 1));

/** Demands receipts of `committed` until nothing is left to ask. */
function follow(delivered: PositionalTree, committed: PositionalTree): ShownPath[] {
  const answers: ShownPath[] = [];
  for (;;) {
    const index = nextDemand(delivered, answers);
    if (index === undefined || answers.length > 100) return answers;
    answers.push({ index, path: committed.path(index) });
  }
}

describe("nextDemand", () => {
  test("shows one leaf that departs within as many demands as the tree has levels", () => {
    const cases = fc.integer({ min: 1, max: 200 }).chain((count) =>
      fc.record({
        count: fc.constant(count),
        wrong: fc.uniqueArray(fc.nat({ max: count - 1 }), { minLength: 1, maxLength: 4 }),
      }),
    );
    fc.assert(
      fc.property(cases, ({ count, wrong }) => {
        const leaves = leavesOf(count);
        const delivered = new PositionalTree(leaves);
        const spoilt = leaves.map((leaf, index) => (wrong.includes(index) ? hashAt(9_999) : leaf));
        const answers = follow(delivered, new PositionalTree(spoilt));
        const found = answers.findIndex(({ index }) => wrong.includes(index));
        expect(found).toBeGreaterThanOrEqual(0);
        expect(found + 1).toBeLessThanOrEqual(delivered.depth + 1);
        // And in the end all of them.
        expect(wrong.every((index) => answers.some((answer) => answer.index === index))).toBe(true);
        expect(new Set(answers.map(({ index }) => index)).size).toBe(answers.length);
      }),
    );
  });

  test("asks nothing more once every departure is shown", () => {
    const delivered = new PositionalTree(leavesOf(5));
    const committed = new PositionalTree(leavesOf(5).with(2, hashAt(99)));
    const shown = [2, 3].map((index) => ({ index, path: committed.path(index) }));
    expect(nextDemand(delivered, shown)).toBeUndefined();
  });

  test("asks for nothing behind the last leaf", () => {
    const delivered = new PositionalTree(leavesOf(5));
    // Something else where padding should be.
    const committed = new PositionalTree([...leavesOf(5), hashAt(99), PAD_LEAF, PAD_LEAF]);
    const shown = [0, 4].map((index) => ({ index, path: committed.path(index) }));
    expect(nextDemand(delivered, shown)).toBeUndefined();
  });
});
