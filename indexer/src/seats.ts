import { seat } from "ponder:schema";
import { addToModel } from "./lib/counters.ts";
import { on } from "./lib/on.ts";
import { placeOf } from "./lib/place.ts";

on("Court:SeatTaken", async ({ event, context }) => {
  const { seatId, modelId, owner, voter, encryptionKey, stake, activeAt } = event.args;
  await context.db.insert(seat).values({
    seatId,
    modelId,
    owner,
    voter,
    encryptionKey,
    stake,
    activeAt,
    isTaken: true,
    penalties: 0n,
    pay: 0n,
    collected: 0n,
    takenAt: placeOf(event),
  });
  await addToModel(context, modelId, { seats: 1, seatStake: stake });
});

on("Court:SeatLeft", async ({ event, context }) => {
  const { seatId, modelId } = event.args;
  const { stake, pay } = (await context.db.find(seat, { seatId }))!;
  // What it earned and did not collect leaves with it, so that all of its pay is collected.
  await context.db
    .update(seat, { seatId })
    .set({ isTaken: false, stake: 0n, collected: pay, leftAt: placeOf(event) });
  await addToModel(context, modelId, { seats: -1, seatStake: -stake });
});

on("Court:SeatSettled", async ({ event, context }) => {
  const { seatId, penalty, pay } = event.args;
  const { modelId } = (await context.db.find(seat, { seatId }))!;
  await context.db.update(seat, { seatId }).set((row) => ({
    stake: row.stake - penalty,
    penalties: row.penalties + penalty,
    pay: row.pay + pay,
  }));
  if (penalty !== 0n) await addToModel(context, modelId, { seatStake: -penalty });
});

on("Court:EarningsCollected", async ({ event, context }) => {
  const { seatId, amount } = event.args;
  await context.db.update(seat, { seatId }).set((row) => ({ collected: row.collected + amount }));
});
