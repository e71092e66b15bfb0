import {
  alone,
  evaluate,
  fitTolerance,
  pooled,
  type ScoredItem,
  upperBound,
} from "@millrace/engine/calibration";
import { CLEAN_RATIO, decodeModelClass, encodeModelClass, modelClassOf, ratioOf } from "@millrace/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";

const epsilon = 0.25;

const scoredItem = fc
  .record({
    id: fc.nat(1_000),
    countedTokens: fc.integer({ min: 0, max: 400 }),
    maxGap: fc.double({ min: 0, max: 0.3, noNaN: true }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    fingerprint: fc.option(fc.double({ min: 0, max: 0.3, noNaN: true }), { nil: undefined }),
    generatedBy: fc.constantFrom("a", "b"),
  })
  .map(
    ({ id, countedTokens, maxGap, share, fingerprint, generatedBy }): ScoredItem => ({
      id,
      kind: "story",
      temperature: 1,
      outputTokens: countedTokens,
      generatedBy,
      scoredBy: "a",
      score: {
        countedTokens,
        gapSum: countedTokens === 0 ? 0 : maxGap * (1 + share * (countedTokens - 1)) * 0.1,
        maxGap: countedTokens === 0 ? 0 : maxGap,
        fingerprint,
        mismatch: undefined,
      },
    }),
  );
const scoredItems = fc.array(scoredItem, { minLength: 1, maxLength: 200 });

test("no honest item or four of them come near the line, and the tolerance fits a class", () => {
  fc.assert(
    fc.property(scoredItems, (items) => {
      const tolerance = fitTolerance(items, epsilon);
      for (const { scores } of [...alone(items), ...pooled(items)])
        expect(ratioOf(scores, tolerance)).toBeLessThanOrEqual(CLEAN_RATIO / 1.49);
      const modelClass = modelClassOf("an engine", tolerance);
      expect(decodeModelClass(encodeModelClass(modelClass))).toEqual(modelClass);
    }),
  );
});

test("the tolerance is no wider than the worst item asks for", () => {
  fc.assert(
    fc.property(scoredItems, (items) => {
      const { meanGap, maxGap, fingerprint } = fitTolerance(items, epsilon);
      const worst = Math.max(...items.map(({ score }) => score.maxGap));
      expect(maxGap.base).toBeLessThanOrEqual(Math.max(0.05, 3 * worst) * 1.01);
      const furthest = Math.max(0, ...items.map(({ score }) => score.fingerprint ?? 0));
      expect(fingerprint).toBeLessThanOrEqual(Math.max(0.005, 3 * furthest) * 1.01);
      expect(meanGap).toBeLessThanOrEqual(Math.max(0.001, 3 * worst) * 1.01);
    }),
  );
});

test("fours are of one provider and one verifier, and nobody is in two", () => {
  fc.assert(
    fc.property(scoredItems, (items) => {
      const numbered = items.map((item, id) => ({ ...item, id }));
      const sets = pooled(numbered);
      const ids = sets.flatMap(({ ids }) => ids);
      expect(new Set(ids).size).toBe(ids.length);
      for (const { ids } of sets) {
        expect(ids).toHaveLength(4);
        expect(new Set(ids.map((id) => numbered[id]!.generatedBy)).size).toBe(1);
      }
    }),
  );
});

test("verdicts count what is below, within and above the zone", () => {
  const tolerance = { meanGap: 1, maxGap: { base: 1, perDoubling: 0 }, epsilon, fingerprint: 1 };
  const item = (maxGap: number): ScoredItem => ({
    id: 0,
    kind: "story",
    temperature: 1,
    outputTokens: 8,
    generatedBy: "a",
    scoredBy: "a",
    score: { countedTokens: 8, gapSum: maxGap, maxGap, fingerprint: undefined, mismatch: undefined },
  });
  const { short, long } = evaluate([0.1, 0.5, 0.51, 1.49, 1.5, 20].map(item), tolerance);
  expect(short).toMatchObject({ sets: 6, faults: 2, inconclusive: 2, worstRatio: 20 });
  expect(long.sets).toBe(0);
});

test("the upper bound is that of Clopper and Pearson", () => {
  expect(upperBound({ faults: 0, sets: 59 })).toBeCloseTo(1 - 0.05 ** (1 / 59), 9);
  expect(upperBound({ faults: 0, sets: 2_000 })).toBeCloseTo(0.0014967, 6);
  // From tables of the beta distribution: 0.95 quantile of Beta(4, 97).
  expect(upperBound({ faults: 3, sets: 100 })).toBeCloseTo(0.0757, 3);
  expect(upperBound({ faults: 5, sets: 5 })).toBe(1);
  expect(upperBound({ faults: 0, sets: 0 })).toBe(1);
});
