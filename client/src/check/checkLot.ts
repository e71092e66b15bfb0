import {
  auditItemAt,
  CLEAN_RATIO,
  type ClaimedItem,
  FAULT_RATIO,
  type ItemInput,
  type ItemResult,
  type ItemScore,
  itemSeed,
  judge,
  judgedItems,
  type Lot,
  positionsToCheck,
  ratioOf,
  type Tolerance,
} from "@millrace/protocol";
import type { Hex } from "viem";
import type { Prices } from "../market/pricing.ts";
import { type LotStatistics, pooledRatio, statisticsOf } from "./statistics.ts";
import type { Verifier } from "./verifier.ts";

/** How far a lot's results can be trusted. */
export type Trust = Verifier["trust"] | "objective faults only";

/** What a buyer wants to find in each lot. */
export interface CheckPlan {
  /** The share of wrong items that is to be found. Default: 0.05. */
  fraction?: number;
  /** With this probability. Default: 0.99. */
  confidence?: number;
}

const DEFAULT_FRACTION = 0.05;
const DEFAULT_CONFIDENCE = 0.99;

/** An item that jurors will find to be computed otherwise than agreed. */
export interface FaultyItem {
  /** In the audit set. */
  position: number;
  /** In the lot. */
  index: number;
  /** What a juror of the same opinion votes: 1.5 and more is a fault. */
  ratio: number;
}

/** What checking a lot's computation came to. */
export interface LotCheck {
  trust: Trust;
  /** Items that were computed again. */
  items: number;
  statistics: LotStatistics;
  /** Over all of these items; 1 is the line that the model's tolerance draws. */
  ratio: number;
  /** The worst item, if it is a fault. */
  fault?: FaultyItem;
}

/**
 * Computes k items of a lot's audit set again, which nobody else foresees, and judges those that are in doubt as jurors
 * would: with the three that are judged with them, where they do not decide alone.
 *
 * @param seed of the lot's audit set
 * @param results all of the lot's, checked against its commitment
 * @param inputs all of the lot's
 * @param limits of its job, as they stand
 */
export async function checkLot(
  verifier: Verifier,
  {
    lot,
    seed,
    inputs,
    results,
    modelId,
    limits,
    tolerance,
    plan,
    signal,
  }: {
    lot: Lot;
    modelId: Hex;
    limits: Prices;
    seed: Hex;
    inputs: readonly ItemInput[];
    results: readonly ItemResult[];
    tolerance: Tolerance;
    plan: CheckPlan;
    signal: AbortSignal;
  },
): Promise<LotCheck> {
  const { itemCount } = lot;
  const scores = new Map<number, Promise<ItemScore>>();
  /** Each item is computed once, however many positions it counts for. */
  const scoreOf = (index: number): Promise<ItemScore> => {
    const known = scores.get(index);
    if (known !== undefined) return known;
    const claim = claimOf(lot, { index, input: inputs[index]!, result: results[index]!, tolerance });
    const { provider } = lot;
    const score = verifier.score(claim, { modelId, provider, limits, tolerance, signal });
    scores.set(index, score);
    return score;
  };
  const { fraction = DEFAULT_FRACTION, confidence = DEFAULT_CONFIDENCE } = plan;
  const { detection = 1 } = verifier;
  const positions = positionsToCheck(seed, { fraction, confidence, detection, itemCount });
  const items = positions.map((position) => auditItemAt(seed, itemCount, position));
  // All at once: the engine fills its sequences with them.
  const alone = await Promise.all(items.map(scoreOf));
  // What is beyond doubt by itself, in a lot that is so as a whole, needs no look at its neighbours.
  const isSuspicious = pooledRatio(statisticsOf(alone), tolerance) > CLEAN_RATIO;
  const judged = await Promise.all(
    positions.map(async (position, place) => {
      const index = items[place]!;
      const own = ratioOf([alone[place]!], tolerance);
      if (own <= CLEAN_RATIO && !isSuspicious) return { position, index, ratio: own, own };
      const thunks = judgedItems(seed, itemCount, position).map((other) => () => scoreOf(other));
      return { position, index, ratio: await judge(thunks, tolerance), own };
    }),
  );
  const all = await Promise.all(scores.values());
  // A wrong item shows at the three positions before it, too: the case is to be about the item itself.
  const [worst] = judged
    .filter(({ ratio }) => ratio >= FAULT_RATIO)
    .sort((a, b) => b.own - a.own || b.ratio - a.ratio);
  return {
    trust: verifier.trust,
    items: all.length,
    statistics: statisticsOf(all),
    ratio: ratioOf(all, tolerance),
    ...(worst && { fault: { position: worst.position, index: worst.index, ratio: worst.ratio } }),
  };
}

/** What a model needs to score an item. */
export function claimOf(
  { jobId, firstItem }: Pick<Lot, "jobId" | "firstItem">,
  {
    index,
    input,
    result,
    tolerance,
  }: { index: number; input: ItemInput; result: ItemResult; tolerance: Tolerance },
): ClaimedItem {
  const { stopReason, promptTokens, promptTokensHash, tokenIds, fingerprint } = result;
  return {
    request: JSON.parse(input.request) as unknown,
    seed: itemSeed(jobId, firstItem + index, input.requesterSeed),
    promptTokensCap: input.promptTokensCap,
    outputTokensCap: input.outputTokensCap,
    claimed: { stopReason, promptTokens, promptTokensHash, tokenIds, fingerprint },
    epsilon: tolerance.epsilon,
  };
}
