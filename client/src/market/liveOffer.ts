import { marketAbi, type Offer } from "@millrace/protocol";
import { type Address, type Hex, zeroAddress } from "viem";
import { withChainErrors } from "../core/chainErrors.ts";
import type { Core } from "../core/core.ts";

/** An offer that can be taken now. */
export interface LiveOffer {
  offerId: Hex;
  offer: Offer;
  /** Of an offer that is not posted: its provider's, or an operator's of theirs. */
  signature?: Hex;
  /** What is left of its capacity. */
  itemsLeft: number;
  /** The provider's free balance, out of which it locks collateral; shared by all of its offers. Base units. */
  freeCollateral: bigint;
}

/**
 * Reads what is left of an offer; undefined if nothing is, or it is void.
 *
 * @returns also who posted it, undefined if nobody did
 */
export async function readLiveOffer(
  { network, publicClient }: Core,
  { offerId, offer }: { offerId: Hex; offer: Offer },
): Promise<(LiveOffer & { postedBy: Address | undefined }) | undefined> {
  const market = { address: network.market, abi: marketAbi } as const;
  const [state, account] = await withChainErrors(() =>
    Promise.all([
      publicClient.readContract({ ...market, functionName: "offerState", args: [offerId] }),
      publicClient.readContract({ ...market, functionName: "accountOf", args: [offer.provider] }),
    ]),
  );
  const itemsLeft = offer.capacityItems - state.filledItems;
  if (state.cancelled || offer.epoch !== account.offerEpoch || itemsLeft <= 0) return undefined;
  const postedBy = state.postedBy === zeroAddress ? undefined : state.postedBy;
  return { offerId, offer, itemsLeft, freeCollateral: account.free, postedBy };
}

/** Whether `by` may offer for `provider`: the provider themselves, or an operator of theirs. */
export async function mayOffer(
  { network, publicClient }: Core,
  provider: Address,
  by: Address,
): Promise<boolean> {
  if (by === provider) return true;
  const cap = await withChainErrors(() =>
    publicClient.readContract({
      address: network.market,
      abi: marketAbi,
      functionName: "collateralCapOf",
      args: [provider, by],
    }),
  );
  return cap > 0n;
}
