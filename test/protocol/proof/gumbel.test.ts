import {
  CANDIDATES,
  CLAMP_GAP,
  encodeFingerprint,
  gapOf,
  gumbelNoise,
  type Noise,
  pickCandidate,
  type Row,
  VERIFIER_CANDIDATES,
} from "@millrace/protocol";
import fc from "fast-check";
import { type Hex, keccak256, numberToHex } from "viem";
import { describe, expect, test } from "vitest";
import { readVectors } from "../vectors.ts";

const vectors = readVectors<{
  noises: { seed: Hex; position: number; tokenId: number; noise: number }[];
  row: { tokenId: number; logProb: number }[];
  picks: { seed: Hex; temperature: number; position: number; tokenId: number }[];
  fingerprint: { bytes: Hex; hash: Hex };
}>("gumbel");

const rowOf = (entries: readonly { tokenId: number; logProb: number }[]): Row => ({
  tokenIds: entries.map(({ tokenId }) => tokenId),
  logProbs: entries.map(({ logProb }) => logProb),
  count: entries.length,
});
const silent: Noise = () => 0;
const greedy = { temperature: 0, noise: silent, position: 0 };
const seedOf = (value: bigint) => numberToHex(value, { size: 32 });
const seeds = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }).map(seedOf);
/** Rows as a verifier has them, most likely first. */
const rows = fc
  .uniqueArray(fc.integer({ min: 0, max: 100_000 }), { minLength: 2, maxLength: VERIFIER_CANDIDATES })
  .chain((ids) =>
    fc
      .array(fc.double({ min: 0, max: 1.5, noNaN: true }), { minLength: ids.length, maxLength: ids.length })
      .map((steps): Row => {
        let logProb = 0;
        const logProbs = steps.map((step) => {
          logProb -= step;
          return logProb;
        });
        return { tokenIds: ids, logProbs, count: ids.length };
      }),
  );
const samplers = fc.record({
  temperature: fc.constantFrom(0, 0.2, 0.7, 1, 1.5),
  noise: seeds.map(gumbelNoise),
  position: fc.nat(100_000),
});

describe("vectors", () => {
  test.each(vectors.noises)("the noise of $tokenId at $position", ({ seed, position, tokenId, noise }) => {
    expect(gumbelNoise(seed)(position, tokenId)).toBe(noise);
  });

  test.each(vectors.picks)("the pick at T $temperature, position $position", (pick) => {
    const row = rowOf(vectors.row);
    const { temperature, position, tokenId } = pick;
    const at = pickCandidate(row, { temperature, position, noise: gumbelNoise(pick.seed) });
    expect(row.tokenIds[at]).toBe(tokenId);
  });

  test("the fingerprint of a row", () => {
    const bytes = encodeFingerprint([rowOf(vectors.row)]);
    expect(bytes).toBe(vectors.fingerprint.bytes);
    expect(keccak256(bytes)).toBe(vectors.fingerprint.hash);
  });
});

describe("gumbelNoise", () => {
  test("is never infinite", () => {
    fc.assert(
      fc.property(seeds, fc.nat(), fc.nat(), (seed, position, tokenId) => {
        expect(Number.isFinite(gumbelNoise(seed)(position, tokenId))).toBe(true);
      }),
    );
  });

  test("picks tokens as often as their probabilities say", () => {
    const probabilities = [0.5, 0.3, 0.15, 0.05];
    const row = rowOf(probabilities.map((p, tokenId) => ({ tokenId, logProb: Math.log(p) })));
    const noise = gumbelNoise(seedOf(7n));
    const counts = [0, 0, 0, 0];
    const trials = 20_000;
    for (let position = 0; position < trials; position++) {
      counts[pickCandidate(row, { temperature: 1, noise, position })]!++;
    }
    // χ² with three degrees of freedom stays below 16.3 with 99.9 %; the seed is fixed.
    const chiSquared = counts.reduce(
      (sum, count, i) => sum + (count - trials * probabilities[i]!) ** 2 / (trials * probabilities[i]!),
      0,
    );
    expect(chiSquared).toBeLessThan(16.3);
  });

  test("differs by seed, by position and by token", () => {
    fc.assert(
      fc.property(seeds, fc.nat(), fc.nat(), fc.nat(), (seed, position, tokenId, by) => {
        const noise = gumbelNoise(seed);
        const flipped = gumbelNoise(numberToHex(BigInt(seed) ^ (1n << 200n), { size: 32 }));
        expect(flipped(position, tokenId)).not.toBe(noise(position, tokenId));
        expect(noise(position + by + 1, tokenId)).not.toBe(noise(position, tokenId));
        expect(noise(position, tokenId + by + 1)).not.toBe(noise(position, tokenId));
      }),
    );
  });
});

describe("pickCandidate", () => {
  test("takes the most likely token at temperature 0, of equal ones the lowest id", () => {
    const row = rowOf([
      { tokenId: 9, logProb: -1 },
      { tokenId: 3, logProb: -1 },
      { tokenId: 5, logProb: -1 },
      { tokenId: 1, logProb: -2 },
    ]);
    expect(pickCandidate(row, greedy)).toBe(1);
  });

  test("looks at no more than the first 64", () => {
    const row = rowOf(Array.from({ length: 80 }, (_, tokenId) => ({ tokenId, logProb: 0 })));
    const loud: Noise = (_, tokenId) => tokenId;
    expect(pickCandidate(row, { temperature: 1, noise: loud, position: 0 })).toBe(CANDIDATES - 1);
  });
});

describe("gapOf", () => {
  test("is nothing for the token that is to be taken", () => {
    fc.assert(
      fc.property(rows, samplers, fc.constantFrom(1e-6, 0.1, 0.5), (row, sampler, epsilon) => {
        const token = row.tokenIds[pickCandidate(row, sampler)]!;
        expect(gapOf(row, new Set([token]), sampler, epsilon)).toBe(0);
      }),
    );
  });

  test("is how far a candidate is behind, in logits", () => {
    const row = rowOf([0, 1, 2, 3].map((tokenId) => ({ tokenId, logProb: -tokenId / 2 })));
    expect(gapOf(row, new Set([3]), greedy, 0.1)).toBe(1.5);
    // Noise counts T times.
    const noise: Noise = (_, tokenId) => (tokenId === 3 ? 1 : 0);
    expect(gapOf(row, new Set([3]), { temperature: 0.5, noise, position: 0 }, 0.1)).toBe(1);
  });

  test("of several claimed tokens counts the best", () => {
    const row = rowOf([0, 1, 2, 3].map((tokenId) => ({ tokenId, logProb: -tokenId })));
    expect(gapOf(row, new Set([3, 1, 77]), greedy, 0.1)).toBe(1);
  });

  test("is the clamp for what is no candidate, and never more", () => {
    fc.assert(
      fc.property(rows, samplers, fc.nat(200_000), (row, sampler, tokenId) => {
        const gap = gapOf(row, new Set([tokenId]), sampler, 0.1);
        expect(gap).toBeGreaterThanOrEqual(0);
        expect(gap).toBeLessThanOrEqual(CLAMP_GAP);
        if (!Array.from(row.tokenIds).includes(tokenId)) expect(gap).toBe(CLAMP_GAP);
      }),
    );
  });

  test("accepts a token just below the last candidate, and not one far below", () => {
    const flat = Array.from({ length: 70 }, (_, i) => ({
      tokenId: i,
      logProb: i < 64 ? -i / 100 : -0.7 - i / 100,
    }));
    const row = rowOf(flat);
    const noise: Noise = (_, tokenId) => (tokenId === 65 ? 10 : 0);
    const sampler = { temperature: 1, noise, position: 0 };
    expect(gapOf(row, new Set([65]), sampler, 1)).toBe(0);
    expect(gapOf(row, new Set([65]), sampler, 0.5)).toBe(CLAMP_GAP);
  });

  test("does not compare with tokens that another machine may not have had", () => {
    // Token 63 is the last candidate here; where 64 was, it would have been none.
    const row = rowOf(Array.from({ length: 70 }, (_, i) => ({ tokenId: i, logProb: -i / 10 })));
    const noise: Noise = (_, tokenId) => (tokenId === 63 ? 50 : 0);
    const sampler = { temperature: 1, noise, position: 0 };
    expect(gapOf(row, new Set([0]), sampler, 0.05)).toBe(0);
    expect(gapOf(row, new Set([63]), sampler, 0.05)).toBe(0);
    // Well within the candidates there is no such excuse.
    const early: Noise = (_, tokenId) => (tokenId === 30 ? 50 : 0);
    expect(gapOf(row, new Set([0]), { ...sampler, noise: early }, 0.05)).toBe(CLAMP_GAP);
  });
});
