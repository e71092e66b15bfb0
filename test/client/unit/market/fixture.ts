import type { MarketParameters, Offer } from "@millrace/protocol";
import { numberToHex } from "viem";
import type { LiveOffer } from "../../../../client/src/market/liveOffer.ts";

const word = (n: number) => numberToHex(n, { size: 32 });

/** An offer of provider number `provider`, with room for a thousand items. */
export function liveOffer(
  provider: number,
  { offer, ...live }: Partial<Omit<LiveOffer, "offer">> & { offer?: Partial<Offer> } = {},
): LiveOffer {
  return {
    offerId: word(provider),
    itemsLeft: 1_000,
    freeCollateral: 10n ** 18n,
    offer: {
      provider: numberToHex(provider, { size: 20 }),
      modelId: word(1),
      encryptionKey: word(2),
      promptPricePerMillion: 100_000n,
      outputPricePerMillion: 400_000n,
      capacityItems: 1_000,
      minLotItems: 1,
      maxLotItems: 1_000,
      minLotValue: 0n,
      maxPromptTokens: 512,
      maxOutputTokens: 512,
      minTurnaroundSeconds: 0,
      validUntil: 2 ** 40 - 1,
      epoch: 0,
      salt: 0n,
      ...offer,
    },
    ...live,
  };
}

export const parameters: MarketParameters = {
  feeBps: 100,
  collateralBps: 10_000,
  penaltyBps: 1_000,
  releaseBps: 50,
  bountyBps: 1_000,
  graceSeconds: 30,
  submitGraceSeconds: 5,
  windowSeconds: 30,
  bidSeconds: 3_600,
  minLotCollateral: 10_000n,
  receiptFee: 500n,
  answerSeconds: 20,
};

export const caps = { promptTokensCap: 100, outputTokensCap: 200 };
export const limits = { promptPricePerMillion: 200_000n, outputPricePerMillion: 800_000n };
