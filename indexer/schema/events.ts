import { index, onchainTable } from "ponder";
import { number, sequence } from "./place.ts";

/** Every event there was, in order: the trails of jobs, lots and cases. */
export const event = onchainTable(
  "event",
  (t) => ({
    sequence: sequence(t).primaryKey(),
    contract: t.text().notNull(),
    name: t.text().notNull(),
    /** Bigints in decimal. */
    args: t.json().$type<Record<string, unknown>>().notNull(),
    block: number(t).notNull(),
    time: number(t).notNull(),
    transactionHash: t.hex().notNull(),
    jobId: t.hex(),
    lotId: t.hex(),
    caseId: t.text(),
  }),
  (table) => ({
    job: index().on(table.jobId, table.sequence),
    lot: index().on(table.lotId, table.sequence),
    case: index().on(table.caseId, table.sequence),
  }),
);

/** The market in numbers; one row, `market`. */
export const totals = onchainTable("totals", (t) => ({
  id: t.text().primaryKey(),
  models: t.integer().notNull().default(0),
  jobs: t.integer().notNull().default(0),
  lots: t.integer().notNull().default(0),
  items: number(t).notNull().default(0),
  promptTokens: t.bigint().notNull().default(0n),
  outputTokens: t.bigint().notNull().default(0n),
  paid: t.bigint().notNull().default(0n),
  fees: t.bigint().notNull().default(0n),
  slashed: t.bigint().notNull().default(0n),
  openCases: t.integer().notNull().default(0),
  cases: t.integer().notNull().default(0),
  staked: t.bigint().notNull().default(0n),
  stakeFees: t.bigint().notNull().default(0n),
  backed: t.bigint().notNull().default(0n),
}));
