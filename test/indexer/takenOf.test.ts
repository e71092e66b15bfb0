import { costUp } from "@millrace/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { takenOf } from "../../indexer/src/api/lib/takenOf.ts";

const offer = {
  promptPricePerMillion: 1_000_000n,
  outputPricePerMillion: 2_000_000n,
  capacityItems: 100,
  filledItems: 0,
  minLotItems: 1,
  maxLotItems: 50,
  minLotValue: 0n,
};
/** Three base units each. */
const batch = { items: 100, promptTokens: 1, outputTokens: 1 };

/** The same by trying every cut. */
function taken(terms: typeof offer, { items, promptTokens, outputTokens }: typeof batch): number {
  const room = Math.min(items, terms.capacityItems - terms.filledItems);
  const isLot = (size: number) =>
    size >= terms.minLotItems &&
    size <= terms.maxLotItems &&
    costUp(BigInt(size * promptTokens), BigInt(size * outputTokens), terms) >= terms.minLotValue;
  const reachable = [true];
  for (let total = 1; total <= room; total++) {
    reachable[total] = reachable.some((can, before) => can && isLot(total - before));
  }
  return reachable.lastIndexOf(true);
}

describe("takenOf", () => {
  test.each([
    ["what is left", { filledItems: 60 }, 40],
    ["lots of at most the largest", { maxLotItems: 10 }, 100],
    ["no lot below the least", { minLotItems: 101, maxLotItems: 200 }, 0],
    ["no more than lots of these sizes add up to", { minLotItems: 45, maxLotItems: 48 }, 96],
    ["nothing where no lot is worth enough", { minLotValue: 151n }, 0],
    ["only lots that are worth enough", { minLotValue: 147n }, 100],
    ["nothing where the least is above the largest", { minLotItems: 5, maxLotItems: 4 }, 0],
    ["nothing for nothing", { promptPricePerMillion: 0n, outputPricePerMillion: 0n, minLotValue: 1n }, 0],
  ])("takes %s", (_, special, expected) => {
    expect(takenOf({ ...offer, ...special }, batch)).toBe(expected);
  });

  test("is what trying every cut gives", () => {
    const small = fc.integer({ min: 0, max: 12 });
    fc.assert(
      fc.property(
        fc.record({
          promptPricePerMillion: fc.bigInt({ min: 0n, max: 3_000_000n }),
          outputPricePerMillion: fc.bigInt({ min: 0n, max: 3_000_000n }),
          capacityItems: fc.integer({ min: 10, max: 40 }),
          filledItems: fc.integer({ min: 0, max: 10 }),
          minLotItems: small,
          maxLotItems: fc.integer({ min: 0, max: 20 }),
          minLotValue: fc.bigInt({ min: 0n, max: 30n }),
        }),
        fc.record({ items: fc.integer({ min: 1, max: 40 }), promptTokens: small, outputTokens: small }),
        (terms, wanted) => {
          expect(takenOf(terms, wanted)).toBe(taken(terms, wanted));
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
