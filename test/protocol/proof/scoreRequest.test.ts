import {
  type ClaimedItem,
  decodeScore,
  encodeScore,
  hashTokenIds,
  type ItemScore,
  judgeScoring,
  readScoreRequest,
  SCORE_FIELD,
  scoreOutcome,
  scoreTokensOf,
} from "@millrace/protocol";
import { zeroHash } from "viem";
import { describe, expect, test } from "vitest";

const asked: ClaimedItem = {
  request: { messages: [{ role: "user", content: "Hello" }] },
  seed: zeroHash,
  promptTokensCap: 20,
  outputTokensCap: 10,
  claimed: {
    stopReason: "stop",
    promptTokens: 12,
    promptTokensHash: zeroHash,
    tokenIds: [5, 6, 7],
    fingerprint: "0x0102",
  },
  epsilon: 0.25,
};
const body = { model: "m", messages: [], [SCORE_FIELD]: asked };
const score: ItemScore = {
  countedTokens: 4,
  gapSum: 0.5,
  maxGap: 0.25,
  fingerprint: 0.1,
  mismatch: undefined,
};

test("an ordinary request asks for no score", () => {
  expect(readScoreRequest({ messages: [] })).toBeUndefined();
  expect(readScoreRequest(null)).toBeUndefined();
  expect(judgeScoring({ messages: [] }, { promptTokensCap: 9, claimed: asked.claimed })).toBeUndefined();
});

test("what is asked comes through JSON as it was", () => {
  expect(readScoreRequest(JSON.parse(JSON.stringify(body)))).toEqual(asked);
});

test.each<[string, object]>([
  ["no object", []],
  ["another seed", { ...asked, seed: "0x12" }],
  ["a cap that is none", { ...asked, promptTokensCap: -1 }],
  ["a tolerance that is none", { ...asked, epsilon: Number.NaN }],
  ["another reason", { ...asked, claimed: { ...asked.claimed, stopReason: "bored" } }],
  ["tokens that are none", { ...asked, claimed: { ...asked.claimed, tokenIds: [1.5] } }],
  ["a hash that is none", { ...asked, claimed: { ...asked.claimed, promptTokensHash: "0x" } }],
  ["half a byte", { ...asked, claimed: { ...asked.claimed, fingerprint: "0x123" } }],
])("what cannot be scored is the request's fault: %s", (_, broken) => {
  expect(() => readScoreRequest({ [SCORE_FIELD]: broken })).toThrow(
    expect.objectContaining({ code: "invalid-input" }),
  );
});

test("a score comes through its text as it was, and nothing else does", () => {
  expect(decodeScore(encodeScore(score))).toEqual(score);
  expect(decodeScore(encodeScore({ ...score, fingerprint: undefined, mismatch: "stop" }))).toEqual({
    ...score,
    fingerprint: undefined,
    mismatch: "stop",
  });
  for (const text of ["", "[]", '{"countedTokens":-1}', encodeScore({ ...score, maxGap: -1 })]) {
    expect(() => decodeScore(text)).toThrow(expect.objectContaining({ code: "invalid-input" }));
  }
  expect(() => decodeScore(JSON.stringify({ ...score, mismatch: "mood" }))).toThrow();
});

describe("judgeScoring", () => {
  const outcome = scoreOutcome(asked, zeroHash);
  const mismatchOf = (claimed: typeof outcome, promptTokensCap = 20, of: unknown = body) =>
    judgeScoring(of, { promptTokensCap, claimed })?.mismatch;

  test("finds nothing wrong with a score that was counted as it should be", () => {
    expect(outcome.promptTokens).toBe(scoreTokensOf(asked));
    expect(mismatchOf(outcome)).toBeUndefined();
  });

  test("finds other counts, other hashes, tokens, and refusals without a reason", () => {
    expect(mismatchOf({ ...outcome, promptTokens: 16 })).toBe("prompt");
    expect(mismatchOf({ ...outcome, promptTokensHash: hashTokenIds([1]) })).toBe("prompt");
    expect(mismatchOf({ ...outcome, tokenIds: [1] })).toBe("stop");
    expect(mismatchOf({ ...outcome, stopReason: "length" })).toBe("stop");
    expect(mismatchOf({ ...outcome, stopReason: "invalid-input" })).toBe("validity");
  });

  test("wants what is malformed or beyond its cap refused", () => {
    const refused = { ...outcome, stopReason: "invalid-input" as const };
    expect(mismatchOf(refused, 14)).toBeUndefined();
    expect(mismatchOf(outcome, 14)).toBe("validity");
    expect(mismatchOf(refused, 20, { [SCORE_FIELD]: 1 })).toBeUndefined();
    expect(mismatchOf(outcome, 20, { [SCORE_FIELD]: 1 })).toBe("validity");
  });
});
