import type { Hex } from "viem";
import { auditSetLength } from "../auditSet.ts";
import { hashText, hashWords } from "../words.ts";

const ORDER = hashText("millrace.audit.order.v1");

/** What a buyer wants to find. */
export interface Detect {
  /** Share of wrong items, above 0 and at most 1. */
  fraction: number;
  /** Probability with which a lot with so many is to be found, below 1. */
  confidence: number;
}

/**
 * How many items of a lot to score: ⌈ln(1 − confidence) ÷ ln(1 − fraction × detection)⌉, at most its audit set.
 *
 * @param detection probability with which one wrong item shows. Default: 1.
 * @throws RangeError if `detect` asks for what no sample gives
 */
export function itemsToCheck({
  fraction,
  confidence,
  detection = 1,
  itemCount,
}: Detect & { detection?: number; itemCount: number }): number {
  const isShare = (value: number) => value > 0 && value <= 1;
  if (!isShare(fraction) || !isShare(detection) || !(confidence > 0 && confidence < 1)) {
    throw new RangeError(`No sample finds ${fraction} of the items with probability ${confidence}.`);
  }
  const most = auditSetLength(itemCount);
  const found = fraction * detection;
  if (found === 1) return Math.min(1, most);
  return Math.min(most, Math.ceil(Math.log(1 - confidence) / Math.log(1 - found)));
}

/**
 * The positions of a lot's audit set to score, in an order that nobody foresees who does not know the seed: of a lot of up
 * to 128 items the set is all of them in order, and who knew which come first would compute only those.
 *
 * @param seed of the lot's audit set
 */
export function positionsToCheck(seed: Hex, options: Parameters<typeof itemsToCheck>[0]): number[] {
  const positions = Array.from({ length: auditSetLength(options.itemCount) }, (_, position) => position);
  const order = new Map(positions.map((position) => [position, hashWords([ORDER, seed, position])]));
  positions.sort((a, b) => (order.get(a)! < order.get(b)! ? -1 : 1));
  return positions.slice(0, itemsToCheck(options));
}
