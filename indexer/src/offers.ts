import { offer, provider, signedOffer } from "ponder:schema";
import { addToProvider } from "./lib/counters.ts";
import { on } from "./lib/on.ts";
import { placeOf, sequenceOf } from "./lib/place.ts";

on("Market:OfferPosted", async ({ event, context }) => {
  const { offerId, offer: posted } = event.args;
  // It may have been taken by its signature before.
  const before = await context.db.find(signedOffer, { offerId });
  await context.db.insert(offer).values({
    offerId,
    ...posted,
    pairPrice: posted.promptPricePerMillion + posted.outputPricePerMillion,
    filledItems: before?.filledItems ?? 0,
    isCancelled: false,
    sequence: sequenceOf(event),
    postedAt: placeOf(event),
  });
  if (before) await context.db.delete(signedOffer, { offerId });
  await addToProvider(context, posted.provider, event);
});

on("Market:OfferCancelled", async ({ event, context }) => {
  const { offerId, provider: by } = event.args;
  if (await context.db.find(offer, { offerId })) {
    await context.db.update(offer, { offerId }).set({ isCancelled: true });
    return;
  }
  await context.db
    .insert(signedOffer)
    .values({ offerId, provider: by, filledItems: 0, isCancelled: true })
    .onConflictDoUpdate({ isCancelled: true });
});

on("Market:OffersCancelled", async ({ event, context }) => {
  const { provider: by, epoch } = event.args;
  await addToProvider(context, by, event);
  await context.db.update(provider, { provider: by }).set({ offerEpoch: epoch });
});

on("Market:FillSkipped");
