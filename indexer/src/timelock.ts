import { cancelledOperation, timelockCall, timelockRole } from "ponder:schema";
import { on } from "./lib/on.ts";
import { placeOf } from "./lib/place.ts";

on("Timelock:CallScheduled", async ({ event, context }) => {
  const { id: callId, index, target, value, data, delay } = event.args;
  const scheduled = { readyAt: Number(event.block.timestamp + delay), scheduledAt: placeOf(event) };
  await context.db
    .insert(timelockCall)
    .values({ callId, index: Number(index), target, value, data, ...scheduled })
    // Once more, after it was called off.
    .onConflictDoUpdate(scheduled);
  await context.db.delete(cancelledOperation, { callId });
});

on("Timelock:CallExecuted", async ({ event, context }) => {
  const { id: callId, index, target, value, data } = event.args;
  const executedAt = placeOf(event);
  await context.db
    .insert(timelockCall)
    .values({ callId, index: Number(index), target, value, data, executedAt })
    .onConflictDoUpdate({ executedAt });
});

on("Timelock:Cancelled", async ({ event, context }) => {
  await context.db
    .insert(cancelledOperation)
    .values({ callId: event.args.id, at: placeOf(event) })
    .onConflictDoNothing();
});

on("Timelock:RoleGranted", async ({ event, context }) => {
  const { role, account: holder } = event.args;
  await context.db
    .insert(timelockRole)
    .values({ role, holder, grantedAt: placeOf(event) })
    .onConflictDoNothing();
});

on("Timelock:RoleRevoked", async ({ event, context }) => {
  const { role, account: holder } = event.args;
  await context.db.delete(timelockRole, { role, holder });
});

on("Timelock:RoleAdminChanged");
on("Timelock:MinDelayChange");
on("Timelock:CallSalt");
