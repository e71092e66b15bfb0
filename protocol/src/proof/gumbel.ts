import type { Hex } from "viem";
import { sipHashOf } from "./sipHash.ts";

// gumbel-v1: docs/proof.md says the same in words; vectors/gumbel.json holds it to the bit.

/** A token is sampled from so many: those with the highest logits, of equal ones those with the lowest ids. */
export const CANDIDATES = 64;

/** How many a verifier looks at: honest machines do not agree on which ones are the last to be candidates. */
export const VERIFIER_CANDIDATES = 128;

/** The gap of a token that is no candidate, in logits: no other one counts for more. */
export const CLAMP_GAP = 20;

/** What the model says of one position, most likely token first. */
export interface Row {
  readonly tokenIds: ArrayLike<number>;
  /** ln p, up to a constant of the row. */
  readonly logProbs: ArrayLike<number>;
  /** How many entries of the two are in use. */
  readonly count: number;
}

/** Standard Gumbel noise of one item, by position in the output, from 0, and token id. */
export type Noise = (position: number, tokenId: number) => number;

/** What steers the choice of one token. */
export interface Sampler {
  /** 0: the most likely token (`greedy-v1`); else 0.2 to 1.5. */
  temperature: number;
  noise: Noise;
  /** Of the token in the output, from 0. */
  position: number;
}

/**
 * The noise of one item: −ln(−ln *u*), where *u* = (*x* + ½) ÷ 2⁵² and *x* is the upper 52 bits of SipHash-2-4, keyed with
 * the seed's first 16 bytes, of position ‖ token id (both uint32, little-endian). With 52 bits *u* is exact in a double and
 * never 1; with 53 it would be rounded, once in 2⁵³ to 1, whose noise is infinite.
 *
 * The hash need not withstand anyone who knows the key: the seed is fixed before there is anything to choose.
 *
 * @param seed of the item, 32 bytes: `itemSeed`
 * @see https://arxiv.org/abs/1411.0030 (Gumbel-max)
 */
export function gumbelNoise(seed: Hex): Noise {
  const hash = sipHashOf(seed);
  return (position, tokenId) => {
    const { low, high } = hash(position, tokenId);
    const uniform = (high * 2 ** 20 + (low >>> 12) + 0.5) / 2 ** 52;
    return -Math.log(-Math.log(uniform));
  };
}

/** Which entry of a row to take: the highest ln p + T × noise among the candidates; of equal ones the lowest id. */
export function pickCandidate(row: Row, sampler: Sampler): number {
  const most = Math.min(row.count, CANDIDATES);
  let best = 0;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < most; i++) {
    const score = scoreAt(row, i, sampler);
    if (score > bestScore || (score === bestScore && row.tokenIds[i]! < row.tokenIds[best]!)) {
      best = i;
      bestScore = score;
    }
  }
  return best;
}

/**
 * How far, in logits, a claimed token lies behind the one to take.
 *
 * Who is the last candidate differs between honest machines. So a claimed token counts as one if it lies at most `epsilon`
 * below the last; and others that lie within `epsilon` above the last are not compared with.
 *
 * @param row of a verifier: {@link VERIFIER_CANDIDATES}, or all that are legal if these are fewer
 * @param claimed one token; or, where a stop is claimed, all tokens that would have been one
 * @returns 0 to {@link CLAMP_GAP}
 */
export function gapOf(row: Row, claimed: ReadonlySet<number>, sampler: Sampler, epsilon: number): number {
  const last = row.count > CANDIDATES ? row.logProbs[CANDIDATES - 1]! : Number.NEGATIVE_INFINITY;
  let best = Number.NEGATIVE_INFINITY;
  let claimedScore = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < row.count; i++) {
    const isClaimed = claimed.has(row.tokenIds[i]!);
    const logProb = row.logProbs[i]!;
    if (isClaimed ? logProb < last - epsilon : logProb <= last + epsilon) continue;
    const score = scoreAt(row, i, sampler);
    if (score > best) best = score;
    if (isClaimed && score > claimedScore) claimedScore = score;
  }
  if (claimedScore === Number.NEGATIVE_INFINITY) return CLAMP_GAP;
  return Math.min(CLAMP_GAP, best - claimedScore);
}

/**
 * What candidates compete with: ln p + T × noise; at temperature 0 ln p alone. In logits, so that a low temperature does
 * not inflate the differences between honest machines.
 */
export function scoreAt(
  { tokenIds, logProbs }: Row,
  i: number,
  { temperature, noise, position }: Sampler,
): number {
  const logProb = logProbs[i]!;
  return temperature === 0 ? logProb : logProb + temperature * noise(position, tokenIds[i]!);
}
