import { CLEAN_RATIO, FAULT_RATIO, ratioOf, type Tolerance } from "@millrace/protocol";
import { alone, isLong, type JudgedSet, pooled } from "./fitTolerance.ts";
import type { ScoredItem } from "./runs.ts";

/** How many sets of scores a tolerance takes for what. */
export interface Verdicts {
  sets: number;
  /** R of at least 1.5. */
  faults: number;
  /** R above 0.5 and below 1.5. */
  inconclusive: number;
  /** The largest R, and the one that half of the sets exceed; 0 of none. */
  worstRatio: number;
  medianRatio: number;
}

export interface Evaluation {
  /** Outputs of at least 128 counted tokens, each judged alone. */
  long: Verdicts;
  /** The others, each judged alone. */
  short: Verdicts;
  /** By fours. */
  pooled: Verdicts;
}

/** What a tolerance makes of scored items. */
export function evaluate(items: readonly ScoredItem[], tolerance: Tolerance): Evaluation {
  return {
    long: verdictsOn(alone(items.filter(isLong)), tolerance),
    short: verdictsOn(alone(items.filter((item) => !isLong(item))), tolerance),
    pooled: verdictsOn(pooled(items), tolerance),
  };
}

/** As a cheat would be scored who has true fingerprints made for its outputs: by their tokens alone. */
export function withoutFingerprints(items: readonly ScoredItem[]): ScoredItem[] {
  return items.map((item) => ({ ...item, score: { ...item.score, fingerprint: undefined } }));
}

/** With 95 % confidence the true share is not above this one (Clopper and Pearson, one-sided). */
export function upperBound({ faults, sets }: Pick<Verdicts, "faults" | "sets">): number {
  if (faults >= sets) return 1;
  let low = faults / sets;
  let high = 1;
  for (let step = 0; step < 60; step++) {
    const share = (low + high) / 2;
    if (atMost(faults, sets, share) > 0.05) low = share;
    else high = share;
  }
  return high;
}

function verdictsOn(sets: readonly JudgedSet[], tolerance: Tolerance): Verdicts {
  const ratios = sets.map(({ scores }) => ratioOf(scores, tolerance)).sort((a, b) => a - b);
  return {
    sets: ratios.length,
    faults: ratios.filter((ratio) => ratio >= FAULT_RATIO).length,
    inconclusive: ratios.filter((ratio) => ratio > CLEAN_RATIO && ratio < FAULT_RATIO).length,
    worstRatio: ratios.at(-1) ?? 0,
    medianRatio: ratios[ratios.length >> 1] ?? 0,
  };
}

/** Probability of at most so many hits in so many trials. */
function atMost(hits: number, trials: number, share: number): number {
  let sum = 0;
  let logTerm = trials * Math.log1p(-share);
  for (let hit = 0; hit <= hits; hit++) {
    sum += Math.exp(logTerm);
    logTerm += Math.log(((trials - hit) / (hit + 1)) * (share / (1 - share)));
  }
  return sum;
}
