import { index, onchainTable, primaryKey } from "ponder";
import { number, place, sequence } from "./place.ts";

export const parametersVersion = onchainTable("parameters_version", (t) => ({
  version: number(t).primaryKey(),
  market: t.json().$type<Record<string, string | number>>().notNull(),
  court: t.json().$type<Record<string, string | number>>().notNull(),
  at: place(t).notNull(),
}));

/** Who may pause, and until when it is paused; one row, `parameters`. */
export const safeguard = onchainTable("safeguard", (t) => ({
  id: t.text().primaryKey(),
  guardian: t.hex(),
  pausedUntil: number(t),
}));

export const proposal = onchainTable(
  "proposal",
  (t) => ({
    proposalId: t.bigint().primaryKey(),
    proposer: t.hex().notNull(),
    description: t.text().notNull(),
    targets: t.json().$type<`0x${string}`[]>().notNull(),
    values: t.json().$type<string[]>().notNull(),
    calldatas: t.json().$type<`0x${string}`[]>().notNull(),
    voteStart: number(t).notNull(),
    voteEnd: number(t).notNull(),
    votesFor: t.bigint().notNull(),
    votesAgainst: t.bigint().notNull(),
    votesAbstain: t.bigint().notNull(),
    eta: number(t),
    sequence: sequence(t).notNull(),
    proposedAt: place(t).notNull(),
    queuedAt: place(t),
    executedAt: place(t),
    cancelledAt: place(t),
  }),
  (table) => ({ order: index().on(table.sequence) }),
);

export const proposalVote = onchainTable(
  "proposal_vote",
  (t) => ({
    proposalId: t.bigint().notNull(),
    voter: t.hex().notNull(),
    support: t.text().notNull(),
    weight: t.bigint().notNull(),
    reason: t.text().notNull(),
    sequence: sequence(t).notNull(),
    at: place(t).notNull(),
  }),
  (table) => ({ pk: primaryKey({ columns: [table.proposalId, table.voter] }) }),
);

/** Calls that wait in the timelock, or were made by it. */
export const timelockCall = onchainTable(
  "timelock_call",
  (t) => ({
    callId: t.hex().notNull(),
    index: number(t).notNull(),
    target: t.hex().notNull(),
    value: t.bigint().notNull(),
    data: t.hex().notNull(),
    readyAt: number(t),
    scheduledAt: place(t),
    executedAt: place(t),
  }),
  (table) => ({ pk: primaryKey({ columns: [table.callId, table.index] }) }),
);

/** Operations that were called off. */
export const cancelledOperation = onchainTable("cancelled_operation", (t) => ({
  callId: t.hex().primaryKey(),
  at: place(t).notNull(),
}));

/** Who holds which role of the timelock. */
export const timelockRole = onchainTable(
  "timelock_role",
  (t) => ({
    role: t.hex().notNull(),
    holder: t.hex().notNull(),
    grantedAt: place(t).notNull(),
  }),
  (table) => ({ pk: primaryKey({ columns: [table.role, table.holder] }) }),
);

/** What reached the stakers, in base units of the asset. */
export const stakeFee = onchainTable("stake_fee", (t) => ({
  sequence: sequence(t).primaryKey(),
  amount: t.bigint().notNull(),
  /** Wei of MILL that it was shared among. */
  staked: t.bigint().notNull(),
  at: place(t).notNull(),
}));
