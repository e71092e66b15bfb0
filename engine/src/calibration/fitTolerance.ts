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
/** Of items of about one length that a line of the largest gaps is drawn through. */
const LEAST_ITEMS = 8;

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
  const slope = slopeOf(honest);
  const perDoubling = slope.perDoubling / slope.base;
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
  const base = allow({ maxGap: { base: 1, perDoubling } }, LEAST.maxGap);
  return {
    meanGap: allow({ meanGap: 1 }, LEAST.meanGap),
    maxGap: { base, perDoubling: roundUp(base * perDoubling) },
    epsilon,
    fingerprint: allow({ fingerprint: 1 }, LEAST.fingerprint),
  };
}

/** How the largest gap grows with the number of tokens: least squares through the largest of each doubling. */
function slopeOf(items: readonly ScoredItem[]): { base: number; perDoubling: number } {
  const counted = items.filter(({ score }) => score.countedTokens > 0);
  const doublings = Map.groupBy(counted, ({ score }) => Math.floor(Math.log2(score.countedTokens)));
  const points = [...doublings]
    .filter(([, group]) => group.length >= LEAST_ITEMS)
    .map(([x, group]) => ({ x, y: Math.max(...group.map(({ score }) => score.maxGap)) }));
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(points.map(({ x }) => x)), mean(points.map(({ y }) => y))];
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  const common = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0);
  if (points.length < 2 || spread === 0 || common <= 0) return { base: 1, perDoubling: 0 };
  const perDoubling = common / spread;
  // A line that starts below zero would refuse short outputs whatever they are.
  const base = Math.max(meanY - perDoubling * meanX, perDoubling);
  return { base, perDoubling };
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
