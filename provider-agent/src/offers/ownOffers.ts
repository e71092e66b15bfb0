import { marketAbi, type Offer } from "@millrace/protocol";
import { type Address, encodeFunctionData, type Hex, zeroAddress } from "viem";
import type { Chain } from "../chain/chain.ts";
import { searchLogs } from "../chain/searchLogs.ts";
import type { Transactions } from "../chain/transactions.ts";

/** An offer that can be taken. */
export interface LiveOffer {
  offer: Offer;
  postedBy: Address;
  itemsLeft: number;
}

/** A provider's posted offers that can be taken now, newest first. */
export async function listOffers(chain: Chain, provider: Address, modelId?: Hex): Promise<LiveOffer[]> {
  const logs = await searchLogs(chain.past, (range) =>
    chain.client.getContractEvents({
      abi: marketAbi,
      address: chain.ref.market,
      eventName: "OfferPosted",
      args: modelId === undefined ? { provider } : { provider, modelId },
      ...range,
      strict: true,
    }),
  );
  const { offerEpoch } = await chain.account(provider);
  const live: LiveOffer[] = [];
  for (const { args } of logs.toReversed()) {
    const { offer, offerId } = args;
    if (offer.epoch !== offerEpoch || offer.validUntil < chain.now()) continue;
    const { postedBy, cancelled, filledItems } = await chain.offerState(offerId);
    if (postedBy === zeroAddress || cancelled) continue;
    live.push({ offer, postedBy, itemsLeft: offer.capacityItems - filledItems });
  }
  return live;
}

/** Voids every offer of a provider, for every model, also those that were only signed. */
export async function cancelOffers(
  chain: Chain,
  transactions: Transactions,
  provider: Address,
): Promise<void> {
  await transactions.send(() => ({
    to: chain.ref.market,
    data: encodeFunctionData({ abi: marketAbi, functionName: "cancelAllOffers", args: [provider] }),
    purpose: "cancellation of all offers",
  }));
}
