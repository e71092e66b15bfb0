import { marketAbi, type Offer, offerIdOf } from "@millrace/protocol";
import { getAbiItem, type Hex, toEventSelector } from "viem";
import { withChainErrors } from "../core/chainErrors.ts";
import { chainTime } from "../core/chainTime.ts";
import type { Core } from "../core/core.ts";
import { readLogs } from "../core/logs.ts";

/** An offer that can be taken now. */
export interface LiveOffer {
  offerId: Hex;
  offer: Offer;
  /** What is left of its capacity. */
  itemsLeft: number;
  /** The provider's free balance, out of which it locks collateral; shared by all of its offers. Base units. */
  freeCollateral: bigint;
}

const OFFER_POSTED = toEventSelector(getAbiItem({ abi: marketAbi, name: "OfferPosted" }));

/**
 * Lists the offers that can be taken now, in the order in which they were posted.
 *
 * @param modelId Default: all models.
 * @throws MillraceError `chain-unreachable` (retryable)
 */
export async function listOffers(core: Core, { modelId }: { modelId?: Hex } = {}): Promise<LiveOffer[]> {
  const { network, publicClient } = core;
  const [toBlock, now] = await withChainErrors(() =>
    Promise.all([publicClient.getBlockNumber({ cacheTime: 0 }), chainTime(core)]),
  );
  const logs = await readLogs(core, {
    address: network.market,
    topics: [OFFER_POSTED, null, null, modelId ?? null],
    fromBlock: network.deployBlock,
    toBlock,
  });
  const posted = new Map<Hex, Offer>();
  for (const log of logs) {
    if (log.eventName !== "OfferPosted") continue;
    const { offerId, offer } = log.args;
    if (offer.validUntil >= now && offerIdOf(network, offer) === offerId) posted.set(offerId, offer);
  }
  const market = { address: network.market, abi: marketAbi } as const;
  const live = await withChainErrors(() =>
    Promise.all(
      [...posted].map(async ([offerId, offer]): Promise<LiveOffer | undefined> => {
        const [state, account] = await Promise.all([
          publicClient.readContract({ ...market, functionName: "offerState", args: [offerId] }),
          publicClient.readContract({ ...market, functionName: "accountOf", args: [offer.provider] }),
        ]);
        const itemsLeft = offer.capacityItems - state.filledItems;
        if (!state.posted || state.cancelled || offer.epoch !== account.offerEpoch || itemsLeft === 0) {
          return undefined;
        }
        return { offerId, offer, itemsLeft, freeCollateral: account.free };
      }),
    ),
  );
  return live.filter((offer) => offer !== undefined);
}
