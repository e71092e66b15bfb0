import { offer, provider } from "ponder:schema";
import { and, eq, gte, lt } from "ponder";

/** Condition of offers, joined with their providers, that can be taken at `now`. */
export const isLive = (now: number) =>
  and(
    eq(offer.isCancelled, false),
    gte(offer.validUntil, now),
    lt(offer.filledItems, offer.capacityItems),
    eq(offer.epoch, provider.offerEpoch),
  );

export const itsProvider = eq(offer.provider, provider.provider);
