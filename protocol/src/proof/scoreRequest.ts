import type { Hex } from "viem";
import { MillraceError } from "../errors.ts";
import { hashTokenIds } from "../hashes.ts";
import type { Outcome } from "../receipts.ts";
import { stopReasons } from "../types.ts";
import type { ClaimedItem, ItemScore, Mismatch } from "./score.ts";

// Scores as goods: who lacks a model lets other providers score for them. An item whose body has `millrace_score` asks for
// the score of what is in it, which is delivered as the text of an answer without tokens, and paid as a prompt.

const mismatches: readonly Mismatch[] = ["prompt", "stop", "grammar", "fingerprint", "validity"];

/** The field of a request's body that makes it one. */
export const SCORE_FIELD = "millrace_score";

/**
 * What a request's body asks to be scored; undefined if it is an ordinary one.
 *
 * @throws MillraceError `invalid-input` if it asks for a score, and not rightly
 */
export function readScoreRequest(body: unknown): ClaimedItem | undefined {
  const asked = isRecord(body) ? body[SCORE_FIELD] : undefined;
  if (asked === undefined) return undefined;
  const { request, seed, promptTokensCap, outputTokensCap, claimed, epsilon } = record(asked);
  const { stopReason, promptTokens, promptTokensHash, tokenIds, fingerprint } = record(claimed);
  const reason = stopReasons.find((known) => known === stopReason);
  if (!reason) throw invalid("stopReason");
  if (!Array.isArray(tokenIds) || !tokenIds.every(isCount)) throw invalid("tokenIds");
  if (typeof epsilon !== "number" || !(epsilon >= 0)) throw invalid("epsilon");
  return {
    request,
    seed: hex(seed, 32, "seed"),
    promptTokensCap: count(promptTokensCap, "promptTokensCap"),
    outputTokensCap: count(outputTokensCap, "outputTokensCap"),
    claimed: {
      stopReason: reason,
      promptTokens: count(promptTokens, "promptTokens"),
      promptTokensHash: hex(promptTokensHash, 32, "promptTokensHash"),
      tokenIds,
      fingerprint: hex(fingerprint, undefined, "fingerprint"),
    },
    epsilon,
  };
}

/** How many prompt tokens a score counts: all that it has to look at, as they are claimed. */
export function scoreTokensOf({ claimed }: ClaimedItem): number {
  return claimed.promptTokens + claimed.tokenIds.length;
}

/** The outcome of an item that asked for a score: nothing in it depends on the score itself, so no receipt binds it. */
export function scoreOutcome(request: ClaimedItem, salt: Hex): Outcome {
  const promptTokens = scoreTokensOf(request);
  return {
    stopReason: "stop",
    promptTokens,
    promptTokensHash: hashTokenIds(Array<number>(promptTokens).fill(0)),
    tokenIds: [],
    fingerprint: "0x",
    salt,
  };
}

/**
 * What a juror makes of an item that asked for a score: that it was counted as such, and no more; undefined of an ordinary
 * item. Nobody can be slashed for a score, which is why buyers ask two providers, and mix in what they know.
 */
export function judgeScoring(
  body: unknown,
  {
    promptTokensCap,
    claimed,
  }: {
    promptTokensCap: number;
    claimed: Pick<Outcome, "stopReason" | "promptTokens" | "promptTokensHash" | "tokenIds">;
  },
): ItemScore | undefined {
  const { stopReason, promptTokens, promptTokensHash, tokenIds } = claimed;
  const verdict = (mismatch: Mismatch | undefined): ItemScore => ({
    countedTokens: 0,
    gapSum: 0,
    maxGap: 0,
    fingerprint: undefined,
    mismatch,
  });
  let request: ClaimedItem | undefined;
  try {
    request = readScoreRequest(body);
    if (!request) return undefined;
  } catch {
    return verdict(stopReason === "invalid-input" ? undefined : "validity");
  }
  const isTooLong = scoreTokensOf(request) > promptTokensCap;
  if (isTooLong || stopReason === "invalid-input") {
    return verdict(isTooLong && stopReason === "invalid-input" ? undefined : "validity");
  }
  const expected = scoreOutcome(request, promptTokensHash);
  if (promptTokens !== expected.promptTokens) return verdict("prompt");
  if (promptTokensHash !== expected.promptTokensHash) return verdict("prompt");
  return verdict(stopReason === "stop" && tokenIds.length === 0 ? undefined : "stop");
}

/** A score as the text of an answer. */
export function encodeScore(score: ItemScore): string {
  return JSON.stringify(score);
}

/** @throws MillraceError `invalid-input` if it is no score */
export function decodeScore(text: string): ItemScore {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw invalid("score");
  }
  const { countedTokens, gapSum, maxGap, fingerprint, mismatch } = record(parsed);
  const isAmount = (value: unknown): value is number =>
    typeof value === "number" && Number.isFinite(value) && value >= 0;
  if (!isAmount(gapSum) || !isAmount(maxGap)) throw invalid("gaps");
  if (fingerprint !== undefined && !isAmount(fingerprint)) throw invalid("fingerprint");
  const known = mismatches.find((one) => one === mismatch);
  if (mismatch !== undefined && !known) throw invalid("mismatch");
  return {
    countedTokens: count(countedTokens, "countedTokens"),
    gapSum,
    maxGap,
    fingerprint,
    mismatch: known,
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffff_ffff;

function record(value: unknown): Record<string, unknown> {
  if (!isRecord(value)) throw invalid(SCORE_FIELD);
  return value;
}

function count(value: unknown, name: string): number {
  if (!isCount(value)) throw invalid(name);
  return value;
}

function hex(value: unknown, bytes: number | undefined, name: string): Hex {
  const isHex = typeof value === "string" && /^0x([0-9a-fA-F]{2})*$/.test(value);
  if (!isHex || (bytes !== undefined && value.length !== 2 + 2 * bytes)) throw invalid(name);
  return value as Hex;
}

function invalid(field: string): MillraceError {
  return new MillraceError("This is nothing to score by.", { code: "invalid-input", details: field });
}
