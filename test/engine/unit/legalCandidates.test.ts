import { CANDIDATES, gumbelNoise, pickCandidate, type Row } from "@millrace/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { GrammarCursor } from "../../../engine/src/grammarCursor.ts";
import { GRAMMAR_CANDIDATES, pickLegal } from "../../../engine/src/legalCandidates.ts";

const noise = gumbelNoise(`0x${"c4".repeat(32)}`);

function rowOf(size: number, slope: number): Row {
  const indices = Array.from({ length: size }, (_, index) => index);
  return {
    tokenIds: indices.map((index) => (index * 7_919) % 10_007),
    logProbs: indices.map((index) => -index * slope),
    count: size,
  };
}

/** Only what choosing asks of a grammar. */
function allowing(isLegal: (tokenId: number) => boolean) {
  const asked: number[] = [];
  const grammar = {
    isLegal(tokenId: number) {
      asked.push(tokenId);
      return isLegal(tokenId);
    },
  } as unknown as GrammarCursor;
  return { grammar, asked };
}

test("takes what sampling from the first 64 legal ones of the first 256 would", () => {
  const cases = fc.record({
    size: fc.integer({ min: 1, max: 300 }),
    slope: fc.constantFrom(0, 0.001, 0.02, 0.5),
    share: fc.constantFrom(1, 2, 3, 40, 250),
    temperature: fc.constantFrom(0, 0.2, 1, 1.5),
    position: fc.nat(500),
  });
  fc.assert(
    fc.property(cases, ({ size, slope, share, temperature, position }) => {
      const row = rowOf(size, slope);
      const isLegal = (tokenId: number) => tokenId % share === 0;
      const sampler = { temperature, noise, position };
      const indices = Array.from({ length: Math.min(size, GRAMMAR_CANDIDATES) }, (_, index) => index);
      const legal = indices.filter((index) => isLegal(row.tokenIds[index]!)).slice(0, CANDIDATES);
      const candidates = {
        tokenIds: legal.map((index) => row.tokenIds[index]!),
        logProbs: legal.map((index) => row.logProbs[index]!),
        count: legal.length,
      };
      const expected = legal.length > 0 ? candidates.tokenIds[pickCandidate(candidates, sampler)] : undefined;
      return pickLegal(row, sampler, allowing(isLegal).grammar) === expected;
    }),
    { numRuns: 500 },
  );
});

test("asks for few where all are legal, and for none twice", () => {
  const { grammar, asked } = allowing(() => true);
  pickLegal(rowOf(256, 0.1), { temperature: 1, noise, position: 3 }, grammar);
  expect(asked).toHaveLength(1);
  const none = allowing(() => false);
  expect(pickLegal(rowOf(300, 0), { temperature: 1, noise, position: 3 }, none.grammar)).toBeUndefined();
  expect(new Set(none.asked).size).toBe(none.asked.length);
  expect(none.asked).toHaveLength(GRAMMAR_CANDIDATES);
});
