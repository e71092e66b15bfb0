import { marketAbi, type Offer, offerIdOf } from "@millrace/protocol";
import { getAbiItem, type Hex, toEventSelector } from "viem";
import { withChainErrors } from "../core/chainErrors.ts";
import { chainTime } from "../core/chainTime.ts";
import type { Core } from "../core/core.ts";
import { readLogs } from "../core/logs.ts";
import { type LiveOffer, mayOffer, readLiveOffer } from "./liveOffer.ts";

const OFFER_POSTED = toEventSelector(getAbiItem({ abi: marketAbi, name: "OfferPosted" }));

/**
 * Lists the posted offers that can be taken now, in the order in which they were posted.
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
  const live = await Promise.all(
    [...posted].map(async ([offerId, offer]): Promise<LiveOffer | undefined> => {
      const found = await readLiveOffer(core, { offerId, offer });
      if (!found) return undefined;
      const { postedBy, ...rest } = found;
      // What an operator posted is void once they are none any more.
      return postedBy && (await mayOffer(core, offer.provider, postedBy)) ? rest : undefined;
    }),
  );
  return live.filter((offer) => offer !== undefined);
}
