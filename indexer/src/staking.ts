import { account, stakeFee } from "ponder:schema";
import { addToAccount, addToTotals } from "./lib/counters.ts";
import { on } from "./lib/on.ts";
import { placeOf, sequenceOf } from "./lib/place.ts";

on("StakedMill:Staked", async ({ event, context }) => {
  const { account: address, amount } = event.args;
  await addToAccount(context, address, { staked: amount });
  await addToTotals(context, { staked: amount });
});

on("StakedMill:ExitBegun", async ({ event, context }) => {
  const { account: address, amount, until } = event.args;
  await addToAccount(context, address, { staked: -amount, cooling: amount });
  await context.db.update(account, { address }).set({ coolingUntil: Number(until) });
  await addToTotals(context, { staked: -amount });
});

on("StakedMill:ExitCancelled", async ({ event, context }) => {
  const { account: address, amount } = event.args;
  await addToAccount(context, address, { staked: amount, cooling: -amount });
  await context.db.update(account, { address }).set({ coolingUntil: null });
  await addToTotals(context, { staked: amount });
});

on("StakedMill:Withdrawn", async ({ event, context }) => {
  const { account: address, amount } = event.args;
  await addToAccount(context, address, { cooling: -amount });
  await context.db.update(account, { address }).set({ coolingUntil: null });
});

on("StakedMill:FeesReceived", async ({ event, context }) => {
  const { amount, staked } = event.args;
  await context.db
    .insert(stakeFee)
    .values({ sequence: sequenceOf(event), amount, staked, at: placeOf(event) });
  await addToTotals(context, { stakeFees: amount });
});

on("StakedMill:FeesClaimed", ({ event, context }) =>
  addToAccount(context, event.args.account, { feesClaimed: event.args.amount }),
);

on("StakedMill:DelegateChanged", async ({ event, context }) => {
  const { delegator, toDelegate: delegate } = event.args;
  await context.db.insert(account).values({ address: delegator, delegate }).onConflictDoUpdate({ delegate });
});

on("StakedMill:DelegateVotesChanged", async ({ event, context }) => {
  const { delegate, newVotes: votes } = event.args;
  await context.db.insert(account).values({ address: delegate, votes }).onConflictDoUpdate({ votes });
});

on("StakedMill:LedgerSet");
on("StakedMill:OwnershipTransferred");
on("StakedMill:EIP712DomainChanged");
on("StakedMill:Transfer");
on("StakedMill:Approval");
