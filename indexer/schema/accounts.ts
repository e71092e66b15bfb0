import { index, onchainTable, primaryKey } from "ponder";
import { number, place, sequence } from "./place.ts";

/** What one address did. */
export const account = onchainTable(
  "account",
  (t) => ({
    address: t.hex().primaryKey(),
    deposited: t.bigint().notNull().default(0n),
    withdrawn: t.bigint().notNull().default(0n),
    /** By arbiters and backers: bonds, fees, stakes of seats, what was backed. */
    creditIn: t.bigint().notNull().default(0n),
    creditOut: t.bigint().notNull().default(0n),
    spent: t.bigint().notNull().default(0n),
    jobs: t.integer().notNull().default(0),
    lots: t.integer().notNull().default(0),
    staked: t.bigint().notNull().default(0n),
    cooling: t.bigint().notNull().default(0n),
    coolingUntil: number(t),
    votes: t.bigint().notNull().default(0n),
    delegate: t.hex(),
    feesClaimed: t.bigint().notNull().default(0n),
  }),
  (table) => ({
    delegate: index().on(table.delegate),
    votes: index().on(table.votes),
  }),
);

/** Who may work for whom now. */
export const operator = onchainTable(
  "operator",
  (t) => ({
    owner: t.hex().notNull(),
    operator: t.hex().notNull(),
    role: t.text().notNull(),
    amount: t.bigint().notNull(),
    periodSeconds: number(t),
    setAt: place(t).notNull(),
  }),
  (table) => ({ pk: primaryKey({ columns: [table.owner, table.operator, table.role] }) }),
);

/** Who bears collateral for a provider. */
export const pool = onchainTable("pool", (t) => ({
  provider: t.hex().primaryKey(),
  isOpen: t.boolean().notNull(),
  commissionBps: t.integer().notNull(),
  /** Shares of an earlier one are void. */
  epoch: number(t).notNull(),
  putIn: t.bigint().notNull(),
  takenOut: t.bigint().notNull(),
  earned: t.bigint().notNull(),
  slashed: t.bigint().notNull(),
}));

export const backing = onchainTable(
  "backing",
  (t) => ({
    provider: t.hex().notNull(),
    backer: t.hex().notNull(),
    epoch: number(t).notNull(),
    putIn: t.bigint().notNull(),
    shares: t.bigint().notNull(),
    sequence: sequence(t).notNull(),
  }),
  (table) => ({
    pk: primaryKey({ columns: [table.provider, table.backer] }),
    backer: index().on(table.backer),
  }),
);

export const backingExit = onchainTable(
  "backing_exit",
  (t) => ({
    provider: t.hex().notNull(),
    backer: t.hex().notNull(),
    cohort: number(t).notNull(),
    /** When they were asked for; slashes may take some. */
    assets: t.bigint().notNull(),
    shares: t.bigint().notNull(),
    withdrawn: t.bigint().notNull(),
    askedAt: place(t).notNull(),
    withdrawnAt: place(t),
  }),
  (table) => ({
    pk: primaryKey({ columns: [table.provider, table.backer, table.cohort] }),
    backer: index().on(table.backer),
  }),
);
