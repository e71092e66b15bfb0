import { job, parametersVersion } from "ponder:schema";
import { costUp } from "@millrace/protocol";
import { addToAccount, addToModel, addToTotals } from "./lib/counters.ts";
import { on } from "./lib/on.ts";
import { placeOf, sequenceOf } from "./lib/place.ts";

on("Market:JobOpened", async ({ event, context }) => {
  const { jobId, buyer, modelId } = event.args;
  const { openedAt, parametersVersion: version, request } = event.args.job;
  const { itemCount, promptTokensCap, outputTokensCap } = request;
  // The first version is as old as the contracts.
  const parameters = await context.db.find(parametersVersion, { version });
  // Escrow is counted by the item, as the Market does.
  const itemEscrow = costUp(BigInt(promptTokensCap), BigInt(outputTokensCap), {
    promptPricePerMillion: request.promptLimitPerMillion,
    outputPricePerMillion: request.outputLimitPerMillion,
  });
  await context.db.insert(job).values({
    jobId,
    buyer,
    ...request,
    parametersVersion: version,
    sequence: sequenceOf(event),
    openedAt: placeOf(event),
    openedTime: openedAt,
    bidEndsAt: openedAt + Number(parameters!.market.bidSeconds),
    bidItems: itemCount,
    openItems: itemCount,
    assignedItems: 0,
    submittedItems: 0,
    settledItems: 0,
    closedItems: 0,
    escrow: itemEscrow * BigInt(itemCount),
    paid: 0n,
    fees: 0n,
    refunded: 0n,
  });
  await addToTotals(context, { jobs: 1 });
  await addToModel(context, modelId, { jobs: 1 });
  await addToAccount(context, buyer, { jobs: 1 });
});

on("Market:JobToppedUp", async ({ event, context }) => {
  const { jobId, promptLimitPerMillion, outputLimitPerMillion, amount } = event.args;
  await context.db
    .update(job, { jobId })
    .set((row) => ({ promptLimitPerMillion, outputLimitPerMillion, escrow: row.escrow + amount }));
});

on("Market:JobClosed", async ({ event, context }) => {
  const { jobId, itemCount, refund } = event.args;
  await context.db.update(job, { jobId }).set((row) => ({
    bidItems: 0,
    openItems: row.openItems - itemCount,
    closedItems: row.closedItems + itemCount,
    refunded: row.refunded + refund,
  }));
});
