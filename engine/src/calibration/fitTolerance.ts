import { CLEAN_RATIO, type ItemScore, POOLED_TOKENS, ratioOf, type Tolerance } from "@millrace/protocol";
import type { ScoredItem } from "./runs.ts";

/** Scores that are judged as one: an item alone, or four of a lot. */
export interface JudgedSet {
  ids: number[];
  scores: ItemScore[];
}

/** So many items of a lot are judged together; see `judgedItems`. */
export const POOLED_ITEMS = 4;

/** Beyond the worst honest one that was seen: others will see worse. */
const MARGIN = 1.5;
/** No tolerance is finer than what half floats of a fingerprint and single precision can tell. */
const LEAST = { meanGap: 0.001, maxGap: 0.05, fingerprint: 0.005 };
/** A few items say nothing of tails. */
const LEAST_POPULATION = 100;

/** Each item alone. */
export function alone(items: readonly ScoredItem[]): JudgedSet[] {
  return items.map(({ id, score }) => ({ ids: [id], scores: [score] }));
}

/** Items of the same provider and verifier by fours, in the order given; what is left over is left out. */
export function pooled(items: readonly ScoredItem[]): JudgedSet[] {
  const pairs = Map.groupBy(items, ({ generatedBy, scoredBy }) => `${generatedBy}\n${scoredBy}`);
  return [...pairs.values()].flatMap((group) =>
    Array.from({ length: Math.floor(group.length / POOLED_ITEMS) }, (_, index) => {
      const four = group.slice(index * POOLED_ITEMS, (index + 1) * POOLED_ITEMS);
      return { ids: four.map(({ id }) => id), scores: four.map(({ score }) => score) };
    }),
  );
}

/**
 * The finest tolerance under which none of the honest items, alone or by fours, is above a ratio of {@link CLEAN_RATIO}
 * divided by a margin of 1.5.
 *
 * @param epsilon with which they were scored
 */
export function fitTolerance(honest: readonly ScoredItem[], epsilon: number): Tolerance {
  const sets = [...alone(honest), ...pooled(honest)];
  const growth = growthOf(honest);
  // Each part alone, with a threshold of 1 and the others out of the way, says by how much its threshold has to grow.
  const infinite: Tolerance = {
    meanGap: Number.POSITIVE_INFINITY,
    maxGap: { base: Number.POSITIVE_INFINITY, perDoubling: 0 },
    epsilon,
    fingerprint: Number.POSITIVE_INFINITY,
  };
  const allow = (part: Partial<Tolerance>, least: number) => {
    const worst = Math.max(0, ...sets.map(({ scores }) => ratioOf(scores, { ...infinite, ...part })));
    return roundUp(Math.max(least, (worst * MARGIN) / CLEAN_RATIO));
  };
  const base = allow({ maxGap: { base: 1, perDoubling: growth } }, LEAST.maxGap);
  return {
    meanGap: allow({ meanGap: 1 }, LEAST.meanGap),
    maxGap: { base, perDoubling: roundUp(base * growth) },
    epsilon,
    fingerprint: allow({ fingerprint: 1 }, LEAST.fingerprint),
  };
}

/**
 * By how much τ_max grows with each doubling of the tokens, relative to where it starts. The tail of honest gaps falls
 * about exponentially, so the largest of n tokens in each of N items grows like ln(n × N).
 */
function growthOf(items: readonly ScoredItem[]): number {
  return Math.LN2 / Math.log(Math.max(LEAST_POPULATION, items.length));
}

/** To three digits, so that documents stay readable. */
function roundUp(value: number): number {
  if (value === 0) return 0;
  const unit = 10 ** (Math.floor(Math.log10(value)) - 2);
  return Number((Math.ceil(value / unit - 1e-9) * unit).toPrecision(3));
}

/** Tokens enough to be judged alone. */
export function isLong({ score }: ScoredItem): boolean {
  return score.countedTokens >= POOLED_TOKENS;
}
