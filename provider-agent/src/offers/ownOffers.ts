import { marketAbi, type Offer } from "@millrace/protocol";
import { type Address, encodeFunctionData, type Hex } from "viem";
import type { Chain } from "../chain/chain.ts";
import { searchLogs } from "../chain/searchLogs.ts";
import type { Transactions } from "../chain/transactions.ts";

/** A provider's offers that can be taken now, newest first. */
export async function listOffers(
  chain: Chain,
  provider: Address,
  modelId?: Hex,
): Promise<{ offer: Offer; itemsLeft: number }[]> {
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
  const live: { offer: Offer; itemsLeft: number }[] = [];
  for (const { args } of logs.toReversed()) {
    const { offer, offerId } = args;
    if (offer.epoch !== offerEpoch || offer.validUntil < chain.now()) continue;
    const state = await chain.offerState(offerId);
    if (!state.posted || state.cancelled) continue;
    live.push({ offer, itemsLeft: offer.capacityItems - state.filledItems });
  }
  return live;
}

/** Voids every offer of the transactions' account, for every model. */
export async function cancelOffers(chain: Chain, transactions: Transactions): Promise<void> {
  await transactions.send(() => ({
    to: chain.ref.market,
    data: encodeFunctionData({ abi: marketAbi, functionName: "cancelAllOffers" }),
    purpose: "cancellation of all offers",
  }));
}
