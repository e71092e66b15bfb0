import { type Offer, offerIdOf } from "@millrace/protocol";
import { type Hex, isAddressEqual, recoverAddress } from "viem";
import { withChainErrors } from "../core/chainErrors.ts";
import { chainTime } from "../core/chainTime.ts";
import type { Core } from "../core/core.ts";
import { type LiveOffer, mayOffer, readLiveOffer } from "./liveOffer.ts";

/** An offer that was never posted, as its provider handed it out. */
export interface SignedOffer {
  offer: Offer;
  /** Of the offer's EIP-712 digest; by a contract wallet as ERC-1271 has it. */
  signature: Hex;
}

/**
 * Keeps those of the offers that can be taken now: signed by their provider or an operator of theirs, and not expired,
 * cancelled or used up.
 *
 * @throws MillraceError `chain-unreachable` (retryable)
 */
export async function liveSignedOffers(core: Core, offers: readonly SignedOffer[]): Promise<LiveOffer[]> {
  if (offers.length === 0) return [];
  const now = await withChainErrors(() => chainTime(core));
  const live = await Promise.all(
    offers.map(async ({ offer, signature }): Promise<LiveOffer | undefined> => {
      const offerId = offerIdOf(core.network, offer);
      if (offer.validUntil < now || !(await isSigned(core, offerId, { offer, signature }))) return undefined;
      const found = await readLiveOffer(core, { offerId, offer });
      if (!found) return undefined;
      const { postedBy: _, ...rest } = found;
      return { ...rest, signature };
    }),
  );
  return live.filter((offer) => offer !== undefined);
}

async function isSigned(core: Core, offerId: Hex, { offer, signature }: SignedOffer): Promise<boolean> {
  const signer = await recoverAddress({ hash: offerId, signature }).catch(() => undefined);
  if (signer && (isAddressEqual(signer, offer.provider) || (await mayOffer(core, offer.provider, signer)))) {
    return true;
  }
  return withChainErrors(() =>
    core.publicClient.verifyHash({ address: offer.provider, hash: offerId, signature }),
  );
}
