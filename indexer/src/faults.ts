import type { Context } from "ponder:registry";
import { courtCase, demand, lot, openDemands } from "ponder:schema";
import { faultKinds } from "@millrace/protocol";
import { faultIdOf } from "./lib/cases.ts";
import { addToProvider, addToTotals } from "./lib/counters.ts";
import { on } from "./lib/on.ts";
import { placeOf, sequenceOf } from "./lib/place.ts";

on("Faults:ReceiptDemanded", async ({ event, context }) => {
  const { lotId, jobId, provider, deadline, fee } = event.args;
  // Within a lot, whose items 32 bits count.
  const index = Number(event.args.index);
  const sequence = sequenceOf(event);
  await context.db
    .insert(demand)
    .values({ sequence, lotId, jobId, provider, index, deadline, fee, demandedAt: placeOf(event) });
  await context.db
    .insert(openDemands)
    .values({ lotId, demands: [{ index, sequence }] })
    .onConflictDoUpdate((row) => ({ demands: [...row.demands, { index, sequence }] }));
  await addToProvider(context, provider, event, { receiptsDemanded: 1 });
});

on("Faults:ReceiptAnswered", async ({ event, context }) => {
  const { lotId, provider } = event.args;
  const index = Number(event.args.index);
  const demands = await demandsOf(context, lotId);
  for (const { sequence } of demands.filter((open) => open.index === index)) {
    await context.db.update(demand, { sequence }).set({ answeredAt: placeOf(event) });
  }
  const left = demands.filter((open) => open.index !== index);
  await context.db.update(openDemands, { lotId }).set({ demands: left });
  await addToProvider(context, provider, event, { receiptsShown: 1 });
});

on("Faults:DemandsReturned", async ({ event, context }) => {
  const { lotId } = event.args;
  for (const { sequence } of await demandsOf(context, lotId)) {
    await context.db.update(demand, { sequence }).set({ returnedAt: placeOf(event) });
  }
  await context.db.update(openDemands, { lotId }).set({ demands: [] });
});

on("Faults:FaultProven", async ({ event, context }) => {
  const { lotId, jobId, provider, prover, kind, index } = event.args;
  const { buyer, modelId, cases } = (await context.db.find(lot, { lotId }))!;
  await context.db.insert(courtCase).values({
    caseId: faultIdOf(lotId),
    kind: "proven-fault",
    lotId,
    jobId,
    modelId,
    buyer,
    provider,
    challenger: prover,
    index: Number(index),
    phase: "concluded",
    isOver: true,
    round: 0,
    redraws: 0,
    bond: 0n,
    verdict: "fault",
    fault: faultKinds[kind] ?? null,
    sequence: sequenceOf(event),
    openedAt: placeOf(event),
    endedAt: placeOf(event),
  });
  await context.db.update(lot, { lotId }).set({ cases: cases + 1 });
  await addToProvider(context, provider, event, { faultsProven: 1 });
  await addToTotals(context, { cases: 1 });
});

/** Those of a lot that are open. */
async function demandsOf({ db }: Context, lotId: `0x${string}`) {
  return (await db.find(openDemands, { lotId }))?.demands ?? [];
}
