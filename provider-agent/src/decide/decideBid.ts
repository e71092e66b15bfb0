import { costUp } from "@millrace/protocol";
import { type Ramp, rampPrice, rampReaches } from "./ramp.ts";
import { type Backlog, type ItemCaps, secondsPerItem } from "./workload.ts";

/** Something that can be claimed: the rest of a job's bid, or a whole lot that was given back. */
export interface Bid {
  /** Claimable items; a reopened lot is claimed whole. */
  items: number;
  minLotItems: number;
  /** Least value of a claim at its caps and price, in base units, unless it takes all that are left. */
  minLotValue: bigint;
  isWhole: boolean;
  caps: ItemCaps;
  /** Unix seconds at which the ramps started. */
  since: number;
  promptRamp: Ramp;
  outputRamp: Ramp;
  turnaroundSeconds: number;
  /** Last second in which it can be claimed. */
  claimableUntil: number;
  /** Locked by the buyer for each item. */
  itemEscrow: bigint;
}

/** What the owner and the hardware allow. */
export interface Means {
  promptPricePerMillion: bigint;
  outputPricePerMillion: bigint;
  tokensPerSecond: number;
  contextTokens: number;
  sequences: number;
  backlog: Backlog;
  /** Base units of our own that can become collateral. */
  free: bigint;
  /** Base units of backers that can, and then bear most of it; undefined without a pool, where all is our own. */
  backing: bigint | undefined;
  collateralBps: number;
  penaltyBps: number;
  bountyBps: number;
  minLotCollateral: bigint;
  /** What claiming, submitting and settling one lot costs in gas, in base units of the asset. */
  gasCost: bigint;
  /** Lots that are fetched or computed at once, at most. */
  maxLots: number;
  /** How long a claimed lot should take: short enough to share bids, long enough to be worth its gas. */
  targetLotSeconds: number;
}

export type Decision =
  | { action: "claim"; items: number }
  /** `until`: worth another look then, in Unix seconds; without it, once something of ours changes. */
  | { action: "wait"; reason: "price" | "capacity" | "collateral"; until?: number }
  | { action: "drop"; reason: "nothing-left" | "price" | "deadline" | "caps" | "gas" };

/** The part of a turnaround that claimed work may fill; the rest is for offers, and for surprises. */
const USABLE_SHARE = 0.5;
/** Lots in all, as a multiple of those that may be under way. */
const MAX_STUCK_SHARE = 4;
const BPS = 10_000n;
/** A backed provider's own part of its collateral is one of so many, at least. */
const OWN_PARTS = 4n;

/** Decides what to do about a bid now. Pure: all it knows is in its arguments. */
export function decideBid(bid: Bid, means: Means, now: number): Decision {
  if (bid.items === 0) return { action: "drop", reason: "nothing-left" };
  if (now > bid.claimableUntil) return { action: "drop", reason: "deadline" };
  // A prompt needs room for at least one token of output.
  if (bid.caps.outputTokensCap < 1 || bid.caps.promptTokensCap < 1) return { action: "drop", reason: "caps" };

  const priceAt = priceReached(bid, means);
  if (priceAt === undefined || priceAt > bid.claimableUntil) return { action: "drop", reason: "price" };
  if (priceAt > now) return { action: "wait", reason: "price", until: priceAt };

  const elapsed = now - bid.since;
  const prices = {
    promptPricePerMillion: rampPrice(bid.promptRamp, elapsed),
    outputPricePerMillion: rampPrice(bid.outputRamp, elapsed),
  };
  const least = leastItems(bid, prices);
  const perItem = secondsPerItem(bid.caps, means);
  const usable = bid.turnaroundSeconds * USABLE_SHARE;
  if (least * perItem > usable) return { action: "drop", reason: "deadline" };
  if (isFull(means)) return { action: "wait", reason: "capacity" };
  const feasible = Math.floor((usable - means.backlog.seconds) / perItem);
  if (feasible < least) return { action: "wait", reason: "capacity" };

  const wanted = Math.max(least, means.sequences, Math.floor(means.targetLotSeconds / perItem));
  const affordable = itemsAffordable(bid, means, prices);
  if (affordable < least) return { action: "wait", reason: "collateral" };

  const items = Math.min(bid.items, wanted, feasible, affordable);
  if (lotValue(bid, items, prices) < means.gasCost) {
    // A larger lot, or a higher price, might be worth it; the largest possible now is not.
    const most = Math.min(bid.items, feasible, affordable);
    if (lotValue(bid, most, prices) < means.gasCost) return { action: "drop", reason: "gas" };
    return { action: "claim", items: most };
  }
  return { action: "claim", items };
}

/**
 * Enough lots are under way, and enough items to keep every sequence busy. Lots without input leave the engine idle, so
 * they count only up to a bound: a buyer who never uploads must not keep others out.
 */
function isFull({ backlog, maxLots, sequences }: Means): boolean {
  if (backlog.lots >= maxLots * MAX_STUCK_SHARE) return true;
  return backlog.lots - backlog.stuckLots >= maxLots && backlog.items >= 2 * sequences;
}

/** The second from which both prices are at or above the floor. */
function priceReached({ since, promptRamp, outputRamp }: Bid, means: Means): number | undefined {
  const prompt = rampReaches(promptRamp, means.promptPricePerMillion);
  const output = rampReaches(outputRamp, means.outputPricePerMillion);
  if (prompt === undefined || output === undefined) return undefined;
  return since + Math.max(prompt, output);
}

type Prices = Parameters<typeof costUp>[2];

function lotValue({ caps }: Bid, items: number, prices: Prices): bigint {
  const count = BigInt(items);
  return costUp(count * BigInt(caps.promptTokensCap), count * BigInt(caps.outputTokensCap), prices);
}

/** The smallest lot that the buyer lets us take; all that are left may always be taken. */
function leastItems(bid: Bid, prices: Prices): number {
  if (bid.isWhole) return bid.items;
  const tooFew = itemsWhile(bid.items, (items) => lotValue(bid, items, prices) < bid.minLotValue);
  return Math.min(bid.items, Math.max(1, bid.minLotItems, tooFew + 1));
}

/** How many items the free balance, and that of backers, can stand for. */
function itemsAffordable(bid: Bid, means: Means, prices: Prices): number {
  return itemsWhile(bid.items, (items) => {
    const { own, backed } = collateralFor(bid, means, prices, items);
    return own <= means.free && backed <= (means.backing ?? 0n);
  });
}

/** The largest number up to `most` for which a condition holds that holds for every smaller one too. */
function itemsWhile(most: number, holds: (items: number) => boolean): number {
  let low = 0;
  let high = most;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** What a lot of so many items locks, in base units; the twin of Market._resolve and of FirstLoss. */
export function collateralFor(
  bid: Bid,
  means: Means,
  prices: Prices,
  items: number,
): { own: bigint; backed: bigint } {
  const value = lotValue(bid, items, prices);
  const most = (a: bigint, b: bigint) => (a > b ? a : b);
  const shareUp = (bps: number) => (value * BigInt(bps) + BPS - 1n) / BPS;
  const toLimit = bid.itemEscrow * BigInt(items) - value;
  const keptBps = BPS - BigInt(means.bountyBps);
  const penalty = most(shareUp(means.penaltyBps), (toLimit * BPS + keptBps - 1n) / keptBps);
  const collateral = most(most(shareUp(means.collateralBps), means.minLotCollateral), penalty);
  if (means.backing === undefined) return { own: collateral, backed: 0n };
  const own = most((collateral + OWN_PARTS - 1n) / OWN_PARTS, penalty);
  return { own, backed: collateral - own };
}
