import { type ItemScore, POOLED_TOKENS, type Tolerance } from "@millrace/protocol";

/** Scores added up, so that those of many lots can be. */
export interface LotStatistics {
  items: number;
  countedTokens: number;
  /** In logits. */
  gapSum: number;
  /** How many items had a fingerprint, and the sum of their distances in nats. */
  fingerprints: number;
  fingerprintSum: number;
  /** Items that were wrong beyond numbers. */
  mismatches: number;
}

export function statisticsOf(scores: readonly ItemScore[]): LotStatistics {
  const sum: LotStatistics = {
    items: scores.length,
    countedTokens: 0,
    gapSum: 0,
    fingerprints: 0,
    fingerprintSum: 0,
    mismatches: 0,
  };
  for (const { countedTokens, gapSum, fingerprint, mismatch } of scores) {
    sum.countedTokens += countedTokens;
    sum.gapSum += gapSum;
    if (mismatch !== undefined) sum.mismatches++;
    if (fingerprint === undefined) continue;
    sum.fingerprints++;
    sum.fingerprintSum += fingerprint;
  }
  return sum;
}

export function addStatistics(a: LotStatistics, b: LotStatistics): LotStatistics {
  return {
    items: a.items + b.items,
    countedTokens: a.countedTokens + b.countedTokens,
    gapSum: a.gapSum + b.gapSum,
    fingerprints: a.fingerprints + b.fingerprints,
    fingerprintSum: a.fingerprintSum + b.fingerprintSum,
    mismatches: a.mismatches + b.mismatches,
  };
}

/**
 * How far what was added up is from what honest machines differ by. Means alone: the largest of many gaps grows with how
 * many there are, and what single lots may do, their sum may not.
 */
export function pooledRatio(
  { countedTokens, gapSum, fingerprints, fingerprintSum }: LotStatistics,
  tolerance: Tolerance,
): number {
  const mean = countedTokens >= POOLED_TOKENS ? gapSum / countedTokens / tolerance.meanGap : 0;
  const distance = fingerprints > 0 ? fingerprintSum / fingerprints / tolerance.fingerprint : 0;
  return Math.max(mean, distance);
}
