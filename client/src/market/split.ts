import type { Fill, MarketParameters } from "@millrace/protocol";
import type { Address } from "viem";
import type { LiveOffer } from "./liveOffer.ts";
import { collateralOf, type JobCaps, type Prices, valueUp } from "./pricing.ts";

/** Each provider should get so many lots in turn: late differences in speed even out, and gas stays small. */
const LOTS_PER_PROVIDER = 6;
/** Below this many items a lot's gas and relay traffic outweigh what smaller lots gain. */
const LEAST_LOT_ITEMS = 8;
/** A lot's input and results travel whole; larger ones would make blobs that no relay takes. */
const MOST_LOT_ITEMS = 4_096;
/** One lot costs some 40,000 gas to open: so many stay within what any chain lets one transaction use. */
const MOST_LOTS = 64;

/** How a job is dealt out. */
export interface Split {
  fills: Fill[];
  lotItems: number;
  /** What no fill takes and so rests as a bid. */
  bidItems: number;
  /** Where the bid's ramp starts, as a share of the limits. */
  startBps: number;
}

export interface SplitOptions {
  itemCount: number;
  caps: JobCaps;
  limits: Prices;
  parameters: MarketParameters;
  /** Offers that fit, cheapest first; see {@link rankOffers}. */
  offers: readonly LiveOffer[];
  /** Default: about six lots for each provider, 8 to 4,096 items. */
  lotItems?: number;
  /** How much of the job is given away at opening where several providers could share it, 0 to 1. Default: 0.5. */
  openingShare?: number;
}

/** Sorts offers by what an item at its caps costs; of equal ones the earlier posted comes first. */
export function rankOffers(offers: readonly LiveOffer[], caps: JobCaps): LiveOffer[] {
  // Over a million items, so that rounding up does not make different prices equal.
  const cost = ({ offer }: LiveOffer) => valueUp(1_000_000, caps, offer);
  return offers.toSorted((a, b) => Number(cost(a) - cost(b)));
}

/**
 * Deals a job out over offers.
 *
 * Every provider whose offer is within the limit works in parallel: lots go round, cheapest first, until the opening
 * share is given away or nobody has room. The rest is a bid, from which whoever is idle takes the next lot: so the fast
 * end up with more of it, which no split in advance could know. With one provider alone everything is given at once.
 */
export function splitJob(options: SplitOptions): Split {
  const { itemCount, caps, limits, parameters, offers, openingShare = 0.5 } = options;
  const providers = new Set(offers.map(({ offer }) => offer.provider)).size;
  const lotItems = Math.min(options.lotItems ?? defaultLotItems(itemCount, providers), itemCount);
  const target = providers > 1 ? Math.ceil(itemCount * openingShare) : itemCount;

  const collateral = new Map<Address, bigint>();
  for (const { offer, freeCollateral } of offers) collateral.set(offer.provider, freeCollateral);
  const rooms = offers.map((live) => ({ ...live, lotItems: [] as number[] }));
  let given = 0;
  let lots = 0;
  for (let progress = true; progress && given < target; ) {
    progress = false;
    for (const room of rooms) {
      const { offer } = room;
      const items = Math.min(lotItems, offer.maxLotItems, room.itemsLeft, itemCount - given);
      if (given >= target || lots === MOST_LOTS) break;
      if (items === 0 || items < offer.minLotItems || valueUp(items, caps, offer) < offer.minLotValue)
        continue;
      const needed = collateralOf(items, caps, { prices: offer, limits, parameters });
      const free = collateral.get(offer.provider)!;
      if (needed > free) continue;
      collateral.set(offer.provider, free - needed);
      room.itemsLeft -= items;
      room.lotItems.push(items);
      given += items;
      lots++;
      progress = true;
    }
  }
  const fills = rooms
    .filter((room) => room.lotItems.length > 0)
    .map(({ offer, signature = "0x", lotItems }): Fill => ({ offer, signature, lotItems }));
  return { fills, lotItems, bidItems: itemCount - given, startBps: startBps(offers[0]?.offer, limits) };
}

function defaultLotItems(itemCount: number, providers: number): number {
  const even = Math.ceil(itemCount / (Math.max(providers, 1) * LOTS_PER_PROVIDER));
  return Math.min(Math.max(even, LEAST_LOT_ITEMS), MOST_LOT_ITEMS);
}

/** The ramp starts where the cheapest offer would take it at once; without offers, at half of the limit. */
function startBps(cheapest: Prices | undefined, limits: Prices): number {
  if (!cheapest) return 5_000;
  const share = (price: bigint, limit: bigint) =>
    limit === 0n ? 0 : Number((price * 10_000n + limit - 1n) / limit);
  const prompt = share(cheapest.promptPricePerMillion, limits.promptPricePerMillion);
  const output = share(cheapest.outputPricePerMillion, limits.outputPricePerMillion);
  return Math.min(10_000, Math.max(prompt, output));
}
