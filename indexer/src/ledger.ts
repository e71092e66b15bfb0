import { operator } from "ponder:schema";
import { addToAccount } from "./lib/counters.ts";
import { on } from "./lib/on.ts";
import { placeOf } from "./lib/place.ts";

on("Market:Deposited", ({ event, context }) =>
  addToAccount(context, event.args.account, { deposited: event.args.amount }),
);

on("Market:Withdrawn", ({ event, context }) =>
  addToAccount(context, event.args.account, { withdrawn: event.args.amount }),
);

on("Market:CreditMoved", async ({ event, context }) => {
  const { from, to, amount } = event.args;
  await addToAccount(context, from, { creditOut: amount });
  await addToAccount(context, to, { creditIn: amount });
});

on("Market:ProviderOperatorSet", async ({ event, context }) => {
  const { owner, operator: key, collateralCap } = event.args;
  const row = { owner, operator: key, role: "provider" };
  if (collateralCap === 0n) {
    await context.db.delete(operator, row);
    return;
  }
  const terms = { amount: collateralCap, setAt: placeOf(event) };
  await context.db
    .insert(operator)
    .values({ ...row, ...terms })
    .onConflictDoUpdate(terms);
});

on("Market:BuyerOperatorSet", async ({ event, context }) => {
  const { owner, operator: key, allowance, periodSeconds } = event.args;
  const row = { owner, operator: key, role: "buyer" };
  if (periodSeconds === 0) {
    await context.db.delete(operator, row);
    return;
  }
  const terms = { amount: allowance, periodSeconds, setAt: placeOf(event) };
  await context.db
    .insert(operator)
    .values({ ...row, ...terms })
    .onConflictDoUpdate(terms);
});

on("Market:EIP712DomainChanged");
