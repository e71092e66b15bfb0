import { backing, backingExit, pool } from "ponder:schema";
import { addToProvider, addToTotals } from "./lib/counters.ts";
import { on } from "./lib/on.ts";
import { placeOf, sequenceOf } from "./lib/place.ts";

on("Backers:PoolOpened", async ({ event, context }) => {
  const { provider, commissionBps } = event.args;
  await context.db
    .insert(pool)
    .values({
      provider,
      isOpen: true,
      commissionBps,
      epoch: 0,
      putIn: 0n,
      takenOut: 0n,
      earned: 0n,
      slashed: 0n,
    })
    .onConflictDoUpdate({ isOpen: true, commissionBps });
  await addToProvider(context, provider, event);
});

on("Backers:PoolClosed", async ({ event, context }) => {
  await context.db.update(pool, { provider: event.args.provider }).set({ isOpen: false });
});

on("Backers:Backed", async ({ event, context }) => {
  const { provider, backer, assets, shares } = event.args;
  await context.db.update(pool, { provider }).set((row) => ({ putIn: row.putIn + assets }));
  const { epoch } = (await context.db.find(pool, { provider }))!;
  await context.db
    .insert(backing)
    .values({ provider, backer, epoch, putIn: assets, shares, sequence: sequenceOf(event) })
    .onConflictDoUpdate((row) => ({
      epoch,
      putIn: row.putIn + assets,
      shares: (row.epoch === epoch ? row.shares : 0n) + shares,
    }));
  await addToTotals(context, { backed: assets });
});

on("Backers:ExitRequested", async ({ event, context }) => {
  const { provider, backer, cohort, shares, assets } = event.args;
  const askedAt = placeOf(event);
  await context.db.update(pool, { provider }).set((row) => ({ takenOut: row.takenOut + assets }));
  await context.db.update(backing, { provider, backer }).set((row) => ({ shares: row.shares - shares }));
  await context.db
    .insert(backingExit)
    .values({ provider, backer, cohort, assets, shares, withdrawn: 0n, askedAt })
    .onConflictDoUpdate((row) => ({ assets: row.assets + assets, shares: row.shares + shares, askedAt }));
  await addToTotals(context, { backed: -assets });
});

on("Backers:ExitWithdrawn", async ({ event, context }) => {
  const { provider, backer, cohort, assets } = event.args;
  await context.db
    .update(backingExit, { provider, backer, cohort })
    .set((row) => ({ withdrawn: row.withdrawn + assets, withdrawnAt: placeOf(event) }));
});

on("Backers:PoolEarned", async ({ event, context }) => {
  const { provider, assets } = event.args;
  await context.db.update(pool, { provider }).set((row) => ({ earned: row.earned + assets }));
});

on("Backers:PoolSlashed", async ({ event, context }) => {
  const { provider, assets } = event.args;
  await context.db.update(pool, { provider }).set((row) => ({ slashed: row.slashed + assets }));
});

on("Backers:PoolWiped", async ({ event, context }) => {
  const { provider, epoch } = event.args;
  await context.db.update(pool, { provider }).set({ epoch });
});
