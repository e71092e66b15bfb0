import {
  CERTAIN_RATIO,
  type ItemScore,
  itemsToCheck,
  judge,
  positionsToCheck,
  ratioOf,
  type Tolerance,
  voteOf,
} from "@millrace/protocol";
import { numberToHex } from "viem";
import { describe, expect, test } from "vitest";

const tolerance: Tolerance = {
  meanGap: 0.01,
  maxGap: { base: 0.5, perDoubling: 0.25 },
  epsilon: 0.2,
  fingerprint: 0.1,
};
const clean: ItemScore = {
  countedTokens: 128,
  gapSum: 0,
  maxGap: 0,
  fingerprint: 0,
  mismatch: undefined,
};
const short: ItemScore = { ...clean, countedTokens: 16 };

describe("ratioOf", () => {
  test("is nothing where nothing differs", () => {
    expect(ratioOf([clean, short], tolerance)).toBe(0);
  });

  test("takes the mean over all tokens, from 128 on", () => {
    expect(ratioOf([{ ...clean, gapSum: 2.56 }], tolerance)).toBeCloseTo(2);
    expect(ratioOf([{ ...clean, gapSum: 2.56 }, clean], tolerance)).toBeCloseTo(1);
    expect(ratioOf([{ ...clean, countedTokens: 127, gapSum: 2.56 }], tolerance)).toBe(0);
    expect(ratioOf(Array(8).fill({ ...short, gapSum: 0.32 }), tolerance)).toBeCloseTo(2);
  });

  test("allows a larger gap the more tokens there are", () => {
    // 0.5 + 0.25 × log₂ 16 = 1.5; of 128 it is 2.25.
    expect(ratioOf([{ ...short, maxGap: 3 }], tolerance)).toBeCloseTo(2);
    expect(ratioOf([{ ...clean, maxGap: 3 }], tolerance)).toBeCloseTo(3 / 2.25);
    expect(ratioOf([clean, { ...short, maxGap: 3 }, clean], tolerance)).toBeCloseTo(2);
  });

  test("takes the mean of the fingerprints that there are", () => {
    expect(ratioOf([{ ...short, fingerprint: 0.3 }], tolerance)).toBeCloseTo(3);
    expect(ratioOf([{ ...short, fingerprint: 0.3 }, short], tolerance)).toBeCloseTo(1.5);
    const without = { ...short, fingerprint: undefined };
    expect(ratioOf([{ ...short, fingerprint: 0.3 }, without], tolerance)).toBeCloseTo(3);
  });

  test("is certain where something is wrong beyond numbers, and never more", () => {
    for (const mismatch of ["prompt", "stop", "grammar", "fingerprint", "validity"] as const) {
      expect(ratioOf([clean, { ...clean, mismatch }], tolerance)).toBe(CERTAIN_RATIO);
    }
    expect(ratioOf([{ ...clean, gapSum: 1e9, maxGap: 20 }], tolerance)).toBe(CERTAIN_RATIO);
  });

  test("is nothing for an item without tokens", () => {
    expect(ratioOf([{ ...clean, countedTokens: 0, fingerprint: undefined }], tolerance)).toBe(0);
  });
});

describe("judge", () => {
  const asked = (scores: readonly ItemScore[]) => {
    const calls: number[] = [];
    const asks = scores.map((score, i) => async () => {
      calls.push(i);
      return score;
    });
    return { asks, calls };
  };

  test("asks for no more than the first where it decides", async () => {
    const decided = [clean, { ...clean, gapSum: 12.8 }, { ...short, mismatch: "stop" as const }];
    for (const score of decided) {
      const { asks, calls } = asked([score, clean, clean, clean]);
      expect(await judge(asks, tolerance)).toBe(ratioOf([score], tolerance));
      expect(calls).toEqual([0]);
    }
  });

  test("takes in the others where it is short, or between the lines", async () => {
    for (const score of [
      { ...short, maxGap: 9 },
      { ...clean, gapSum: 1.28 },
    ]) {
      const { asks, calls } = asked([score, clean, clean, clean]);
      expect(await judge(asks, tolerance)).toBe(ratioOf([score, clean, clean, clean], tolerance));
      expect(calls).toEqual([0, 1, 2, 3]);
    }
  });

  test("needs something to judge", async () => {
    await expect(judge([], tolerance)).rejects.toThrow(RangeError);
  });
});

describe("voteOf", () => {
  test.each([
    [1, 0],
    [1.5, 37],
    [0.5, -64],
    [2, 64],
    [0, -96],
    [1e-9, -96],
    [CERTAIN_RATIO, 512],
    [1e9, 512],
  ])("%d is %d", (ratio, vote) => {
    expect(voteOf(ratio)).toBe(vote);
  });
});

describe("itemsToCheck", () => {
  test.each([
    [0.5, 7],
    [0.2, 21],
    [0.1, 44],
    [0.05, 90],
  ])("to find %d of them with 99 % takes %d", (fraction, k) => {
    expect(itemsToCheck({ fraction, confidence: 0.99, itemCount: 1_000_000 })).toBe(k);
  });

  test("is never more than the audit set", () => {
    expect(itemsToCheck({ fraction: 0.01, confidence: 0.99, itemCount: 1_000_000 })).toBe(128);
    expect(itemsToCheck({ fraction: 0.05, confidence: 0.99, itemCount: 12 })).toBe(12);
    expect(itemsToCheck({ fraction: 1, confidence: 0.99, itemCount: 12 })).toBe(1);
  });

  test("grows where an item shows less surely", () => {
    expect(itemsToCheck({ fraction: 0.1, confidence: 0.99, detection: 0.5, itemCount: 1_000 })).toBe(90);
  });

  test.each([
    { fraction: 0, confidence: 0.99 },
    { fraction: 1.1, confidence: 0.99 },
    { fraction: 0.1, confidence: 1 },
    { fraction: 0.1, confidence: 0 },
    { fraction: Number.NaN, confidence: 0.5 },
  ])("refuses %o", (detect) => {
    expect(() => itemsToCheck({ ...detect, itemCount: 10 })).toThrow(RangeError);
  });
});

describe("positionsToCheck", () => {
  const seedAt = (n: number) => numberToHex(n, { size: 32 });
  const plan = { fraction: 0.1, confidence: 0.99, itemCount: 100 };

  test("are as many as are to be checked, each once, of the audit set", () => {
    const positions = positionsToCheck(seedAt(1), plan);
    expect(new Set(positions).size).toBe(44);
    expect(Math.max(...positions)).toBeLessThan(100);
    expect(positionsToCheck(seedAt(1), { ...plan, itemCount: 1_000_000 }).every((p) => p < 128)).toBe(true);
    expect(positionsToCheck(seedAt(1), { ...plan, itemCount: 3 }).toSorted()).toEqual([0, 1, 2]);
  });

  test("are others with another seed, and none is ever safe", () => {
    const drawn = Array.from({ length: 40 }, (_, n) => positionsToCheck(seedAt(n), plan));
    expect(new Set(drawn.map((positions) => positions.join())).size).toBe(40);
    expect(new Set(drawn.flat()).size).toBe(100);
    expect(positionsToCheck(seedAt(7), plan)).toEqual(drawn[7]);
  });
});
