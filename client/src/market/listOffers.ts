import { type IndexedOffer, MillraceError, marketAbi, type Offer, offerIdOf } from "@millrace/protocol";
import { getAbiItem, type Hex, toEventSelector } from "viem";
import { withChainErrors } from "../core/chainErrors.ts";
import { chainTime } from "../core/chainTime.ts";
import type { Core } from "../core/core.ts";
import { readLogs } from "../core/logs.ts";
import { askIndexers } from "../indexer/askIndexers.ts";
import type { IndexerClient } from "../indexer/createIndexerClient.ts";
import { type LiveOffer, mayOffer, readLiveOffer } from "./liveOffer.ts";

const OFFER_POSTED = toEventSelector(getAbiItem({ abi: marketAbi, name: "OfferPosted" }));

/** As many as an indexer gives at once. */
const PAGE_OFFERS = 1_000;

/**
 * Lists the posted offers that can be taken now, in the order in which they were posted. Which there are an indexer may
 * tell; each is looked up on the chain.
 *
 * @param modelId Default: all models.
 * @throws MillraceError `chain-unreachable` (retryable)
 */
export async function listOffers(core: Core, { modelId }: { modelId?: Hex } = {}): Promise<LiveOffer[]> {
  const { network, publicClient } = core;
  const [toBlock, now] = await withChainErrors(() =>
    Promise.all([publicClient.getBlockNumber({ cacheTime: 0 }), chainTime(core)]),
  );
  const indexed = await askIndexers(core, {
    head: toBlock,
    read: (indexer, signal) => readIndexed(core, indexer, { ...(modelId && { modelId }), signal }),
  });
  const logs = await readLogs(core, {
    address: network.market,
    topics: [OFFER_POSTED, null, null, modelId ?? null],
    fromBlock: indexed?.nextBlock ?? network.deployBlock,
    toBlock,
  });
  const posted = new Map<Hex, Offer>();
  const add = (offerId: Hex, offer: Offer) => {
    const isAsked = modelId === undefined || offer.modelId === modelId.toLowerCase();
    if (!isAsked || offer.validUntil < now || offerIdOf(network, offer) !== offerId) return;
    posted.set(offerId, offer);
  };
  for (const [offerId, offer] of indexed?.value ?? []) add(offerId, offer);
  for (const log of logs) if (log.eventName === "OfferPosted") add(log.args.offerId, log.args.offer);
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

/** @throws MillraceError where one of them is not what its id says: such an indexer is not to be believed at all */
async function readIndexed(
  { network }: Core,
  indexer: IndexerClient,
  options: { modelId?: Hex; signal: AbortSignal },
): Promise<[Hex, Offer][]> {
  const offers: [Hex, Offer][] = [];
  let after: string | undefined;
  do {
    const page = await indexer.offers({ ...options, limit: PAGE_OFFERS, ...(after && { after }) });
    for (const indexed of page.items) {
      const offer = offerOf(indexed);
      if (offerIdOf(network, offer) !== indexed.offerId) {
        throw new MillraceError("An offer is not what its id says.", { code: "invalid-indexer-reply" });
      }
      offers.push([indexed.offerId, offer]);
    }
    after = page.next;
  } while (after !== undefined);
  return offers;
}

/** The offer as it was posted. */
function offerOf(indexed: IndexedOffer): Offer {
  const {
    offerId: _,
    filledItems: _filled,
    itemsLeft: _left,
    status: _status,
    postedAt: _at,
    ...offer
  } = indexed;
  return {
    ...offer,
    promptPricePerMillion: BigInt(offer.promptPricePerMillion),
    outputPricePerMillion: BigInt(offer.outputPricePerMillion),
    minLotValue: BigInt(offer.minLotValue),
    salt: BigInt(offer.salt),
  };
}
