import type { Hex } from "viem";
import type { StopReason } from "../types.ts";
import type { Tolerance } from "./modelClass.ts";

/** What a provider says that a request came to. */
export interface ClaimedItem {
  /** The request's parsed JSON. */
  request: unknown;
  /** The item's, 32 bytes. */
  seed: Hex;
  promptTokensCap: number;
  outputTokensCap: number;
  claimed: {
    stopReason: StopReason;
    promptTokens: number;
    promptTokensHash: Hex;
    tokenIds: readonly number[];
    fingerprint: Hex;
  };
  /** Of the model's class, in logits: how far beyond the last candidate a token may lie. */
  epsilon: number;
}

/** What scoring one item again came to. */
export interface ItemScore {
  /** Rows at which the model had a choice, that of the stop included. */
  countedTokens: number;
  /** Sum of the rows' gaps, in logits. */
  gapSum: number;
  /** In logits. */
  maxGap: number;
  /** `fingerprintDistance`, in nats; undefined where there is none to compare. */
  fingerprint: number | undefined;
  /** What is wrong beyond numbers. */
  mismatch: Mismatch | undefined;
}

/** What of an item cannot be explained by any rounding. */
export type Mismatch =
  /** Not the tokens, or not the number of them, that the request's messages are. */
  | "prompt"
  /** It ended where it could not have, or did not end where it had to. */
  | "stop"
  /** The output breaks the grammar that the request asked for. */
  | "grammar"
  /** The fingerprint has other rows than the output calls for. */
  | "fingerprint"
  /** It calls a request invalid that is not, or answers one that is. */
  | "validity";

/** From this ratio on it is a fault; see contracts/libraries/Votes.sol. */
export const FAULT_RATIO = 1.5;
/** Down from this one it is none. */
export const CLEAN_RATIO = 0.5;
/** The ratio of what is wrong beyond numbers. */
export const CERTAIN_RATIO = 256;

/** Fewer counted tokens say too little for their mean to count. */
export const POOLED_TOKENS = 128;

const VOTE_STEPS_PER_OCTAVE = 64;
const LEAST_VOTE = -96;
const MOST_VOTE = 512;

/**
 * How far scores are from what honest machines differ by; 1 is the line that the model's tolerance draws.
 *
 * The largest of: the mean gap of all rows over τ_mean, if there are at least 128; each item's largest gap over τ_max; the
 * mean distance of fingerprints over τ_fp.
 */
export function ratioOf(scores: readonly ItemScore[], tolerance: Tolerance): number {
  if (scores.some(({ mismatch }) => mismatch !== undefined)) return CERTAIN_RATIO;
  let tokens = 0;
  let gaps = 0;
  let ratio = 0;
  let distance = 0;
  let fingerprints = 0;
  for (const { countedTokens, gapSum, maxGap, fingerprint } of scores) {
    tokens += countedTokens;
    gaps += gapSum;
    if (countedTokens > 0) ratio = Math.max(ratio, maxGap / maxGapAllowed(countedTokens, tolerance));
    if (fingerprint === undefined) continue;
    distance += fingerprint;
    fingerprints++;
  }
  if (tokens >= POOLED_TOKENS) ratio = Math.max(ratio, gaps / tokens / tolerance.meanGap);
  if (fingerprints > 0) ratio = Math.max(ratio, distance / fingerprints / tolerance.fingerprint);
  return Math.min(CERTAIN_RATIO, ratio);
}

/** τ_max: the largest of many honest gaps grows with how many they are. */
function maxGapAllowed(countedTokens: number, { maxGap }: Tolerance): number {
  return maxGap.base + maxGap.perDoubling * Math.log2(countedTokens);
}

/**
 * What a juror makes of a challenged item and those that are judged with it: the ratio of the first if it decides alone,
 * with 128 counted tokens or a mismatch; otherwise of all.
 *
 * @param scores of the items in the order of `judgedItems`; others than the first are asked for only if they are needed
 */
export async function judge(
  scores: readonly (() => Promise<ItemScore>)[],
  tolerance: Tolerance,
): Promise<number> {
  const [first, ...others] = scores;
  if (!first) throw new RangeError("Nothing to judge.");
  const score = await first();
  const alone = ratioOf([score], tolerance);
  const isDecided = alone >= FAULT_RATIO || alone <= CLEAN_RATIO;
  if (score.mismatch !== undefined || (isDecided && score.countedTokens >= POOLED_TOKENS)) return alone;
  const all = [score];
  for (const other of others) all.push(await other());
  return ratioOf(all, tolerance);
}

/** A ratio as the court counts it: 64 × log₂ R, rounded, −96 to 512. */
export function voteOf(ratio: number): number {
  if (ratio <= 0) return LEAST_VOTE;
  const vote = Math.round(VOTE_STEPS_PER_OCTAVE * Math.log2(ratio));
  return Math.max(LEAST_VOTE, Math.min(MOST_VOTE, vote));
}
