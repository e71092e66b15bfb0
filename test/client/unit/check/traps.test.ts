import { zeroHash } from "viem";
import { describe, expect, test } from "vitest";
import { mixTraps } from "../../../../client/src/check/traps.ts";

type Claim = Parameters<typeof mixTraps>[0][number];

const claimOf = (number: number, tokens = 8): Claim => ({
  request: { number },
  seed: zeroHash,
  promptTokensCap: 10,
  outputTokensCap: 10,
  claimed: {
    stopReason: "stop",
    promptTokens: 3,
    promptTokensHash: zeroHash,
    tokenIds: Array.from({ length: tokens }, (_, i) => (number + i) % 20),
    fingerprint: "0x",
  },
  epsilon: 0.1,
});

/** Numbers that look random and are the same each time. */
function chances() {
  let state = 1;
  return () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

describe("mixTraps", () => {
  test("puts one trap for each ten items in their place, so that no question is asked twice", () => {
    const claims = Array.from({ length: 24 }, (_, i) => claimOf(i));

    const questions = mixTraps(claims, chances());

    const numbers = questions.map(({ claim }) => (claim.request as { number: number }).number);
    expect(numbers.toSorted((a, b) => a - b)).toEqual(claims.map((_, i) => i));
    const traps = questions.filter(({ item }) => item === undefined);
    expect(traps).toHaveLength(3);
    for (const { claim } of traps) {
      const real = claims[(claim.request as { number: number }).number]!.claimed.tokenIds;
      const wrong = claim.claimed.tokenIds.filter((id, i) => id !== real[i]);
      expect(claim.claimed.tokenIds).toHaveLength(real.length);
      expect(wrong).toHaveLength(3);
    }
    for (const { claim, item } of questions) if (item !== undefined) expect(claim).toBe(claims[item]);
  });

  test("asks everything of few items, and adds a trap", () => {
    const questions = mixTraps([claimOf(0), claimOf(1)], chances());

    expect(questions.map(({ item }) => item).toSorted()).toEqual([0, 1, undefined]);
  });

  test("chooses anew each time", () => {
    const claims = Array.from({ length: 30 }, (_, i) => claimOf(i));
    const chance = chances();
    const trapsOf = () => {
      const asked = new Set(mixTraps(claims, chance).map(({ item }) => item));
      return claims.flatMap((_, item) => (asked.has(item) ? [] : [item])).join();
    };

    expect(new Set(Array.from({ length: 10 }, trapsOf)).size).toBeGreaterThan(5);
  });

  test("makes none of outputs too short to spoil", () => {
    const questions = mixTraps([claimOf(0, 2), claimOf(1, 3)], chances());

    expect(questions.every(({ item }) => item !== undefined)).toBe(true);
  });
});
