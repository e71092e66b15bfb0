import { commitment, job, lot, offer, signedOffer } from "ponder:schema";
import { costUp, lotStatuses } from "@millrace/protocol";
import { zeroHash } from "viem";
import { addToAccount, addToModel, addToProvider, addToTotals } from "./lib/counters.ts";
import { moveLot } from "./lib/lots.ts";
import { on } from "./lib/on.ts";
import { placeOf, sequenceOf } from "./lib/place.ts";

on("Market:LotAssigned", async ({ event, context }) => {
  const { lotId, jobId, provider, lot: terms, offerId, encryptionKey } = event.args;
  const { itemCount, attempt } = terms;
  // JobOpened came first.
  const { modelId } = (await context.db.find(job, { jobId }))!;
  await context.db.insert(lot).values({
    lotId,
    ...terms,
    modelId,
    offerId: offerId === zeroHash ? null : offerId,
    encryptionKey,
    status: "assigned",
    sequence: sequenceOf(event),
    assignedAt: placeOf(event),
    assignedTime: Number(event.block.timestamp),
    courtCases: 0,
    cases: 0,
  });
  // A reopened lot was closed, in an event before, for the new one to be open for a moment.
  await context.db.update(job, { jobId }).set((row) => ({
    ...(attempt === 0
      ? { bidItems: row.bidItems - itemCount, openItems: row.openItems - itemCount }
      : { closedItems: row.closedItems - itemCount }),
    assignedItems: row.assignedItems + itemCount,
  }));
  if (offerId !== zeroHash) {
    if (await context.db.find(offer, { offerId })) {
      await context.db
        .update(offer, { offerId })
        .set((row) => ({ filledItems: row.filledItems + itemCount }));
    } else {
      await context.db
        .insert(signedOffer)
        .values({ offerId, provider, filledItems: itemCount, isCancelled: false })
        .onConflictDoUpdate((row) => ({ filledItems: row.filledItems + itemCount }));
    }
  }
  await addToProvider(context, provider, event, { running: 1 });
  await addToAccount(context, provider, { lots: 1 });
  await addToTotals(context, { lots: 1 });
});

on("Market:LotSubmitted", async ({ event, context }) => {
  const { lotId, submission, windowEnd } = event.args;
  const { totals, ...hashes } = submission;
  const submittedTime = Number(event.block.timestamp);
  const row = await moveLot(context, lotId, "submitted", { windowEnd, submittedTime });
  const cost = costUp(totals.promptTokens, totals.outputTokens, row);
  // biome-ignore lint/complexity/useMathMinMax: it takes no bigints.
  const due = cost < row.escrow ? cost : row.escrow;
  await context.db.insert(commitment).values({ lotId, ...hashes, ...totals, due, at: placeOf(event) });
});

on("Market:LotHeld", async ({ event, context }) => {
  const status = lotStatuses[event.args.status];
  if (status !== "demanded" && status !== "challenged") return;
  await moveLot(context, event.args.lotId, status, { windowEnd: event.args.until });
});

on("Market:LotResumed", async ({ event, context }) => {
  await moveLot(context, event.args.lotId, "submitted", { windowEnd: event.args.windowEnd });
});

on("Market:LotSettled", async ({ event, context }) => {
  const { lotId, jobId, provider, paid, fee, refund, forfeit } = event.args;
  const row = await moveLot(context, lotId, "settled", {
    paid,
    fee,
    refund,
    forfeit,
    settledTime: Number(event.block.timestamp),
    settledAt: placeOf(event),
  });
  const { promptTokens, outputTokens } = (await context.db.find(commitment, { lotId }))!;
  await context.db.update(job, { jobId }).set((of) => ({
    paid: of.paid + paid,
    fees: of.fees + fee,
    refunded: of.refunded + refund,
  }));
  const work = { promptTokens, outputTokens };
  const items = row.itemCount;
  await addToProvider(context, provider, event, {
    running: -1,
    completed: 1,
    items,
    ...work,
    earned: paid,
    lost: forfeit,
  });
  await addToAccount(context, row.buyer, { spent: paid + fee });
  await addToModel(context, row.modelId, { ...work, paid });
  await addToTotals(context, { items, ...work, paid, fees: fee });
});

on("Market:LotReleased", async ({ event, context }) => {
  const { lotId, buyerCharge } = event.args;
  const time = Number(event.block.timestamp);
  const row = await moveLot(context, lotId, "open", { reopened: "released", reopenedTime: time });
  await context.db.update(lot, { lotId }).set({ openEscrow: row.escrow - buyerCharge });
  await addToProvider(context, row.provider, event, { running: -1, released: 1 });
});

on("Market:LotExpired", async ({ event, context }) => {
  const { lotId, compensation, bounty } = event.args;
  const time = Number(event.block.timestamp);
  const row = await moveLot(context, lotId, "open", { reopened: "expired", reopenedTime: time });
  await context.db.update(lot, { lotId }).set({ openEscrow: row.escrow });
  await addToProvider(context, row.provider, event, { running: -1, late: 1, lost: compensation + bounty });
});

on("Market:LotSlashed", async ({ event, context }) => {
  const { lotId, provider, cost, compensation, bounty, rest } = event.args;
  const time = Number(event.block.timestamp);
  const row = await moveLot(context, lotId, "open", { reopened: "slashed", reopenedTime: time });
  await context.db.update(lot, { lotId }).set({ openEscrow: row.escrow });
  const lost = cost + compensation + bounty + rest;
  await addToProvider(context, provider, event, { running: -1, slashed: 1, lost });
  await addToTotals(context, { slashed: lost });
});

on("Market:LotVoided", async ({ event, context }) => {
  const { provider, cost, fine } = event.args;
  await addToProvider(context, provider, event, { lost: cost + fine });
  await addToTotals(context, { slashed: cost + fine });
});

on("Market:LotClosed", async ({ event, context }) => {
  const { lotId, jobId, refund } = event.args;
  await moveLot(context, lotId, "closed", { openEscrow: null });
  await context.db.update(job, { jobId }).set((row) => ({ refunded: row.refunded + refund }));
});

on("Market:LotToppedUp", async ({ event, context }) => {
  await context.db.update(lot, { lotId: event.args.lotId }).set({ openEscrow: event.args.escrow });
});

on("Market:LotSkipped");
