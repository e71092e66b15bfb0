import type { CaseDetail } from "@millrace/protocol";
import { index, onchainTable, primaryKey } from "ponder";
import { number, place, sequence } from "./place.ts";

/** Receipts that a buyer wants to see. One that was shown can be demanded again. */
export const demand = onchainTable(
  "demand",
  (t) => ({
    sequence: sequence(t).primaryKey(),
    lotId: t.hex().notNull(),
    jobId: t.hex().notNull(),
    provider: t.hex().notNull(),
    index: number(t).notNull(),
    deadline: number(t).notNull(),
    fee: t.bigint().notNull(),
    demandedAt: place(t).notNull(),
    answeredAt: place(t),
    /** What was prepaid went back: nobody owes the answer any more. */
    returnedAt: place(t),
  }),
  (table) => ({ lot: index().on(table.lotId) }),
);

/** The demands of a lot that are open, at most three. */
export const openDemands = onchainTable("open_demands", (t) => ({
  lotId: t.hex().primaryKey(),
  demands: t.json().$type<{ index: number; sequence: number }[]>().notNull(),
}));

/** What the court looks at, and faults proven by hashes. */
export const courtCase = onchainTable(
  "court_case",
  (t) => ({
    caseId: t.text().primaryKey(),
    kind: t.text().notNull(),
    lotId: t.hex().notNull(),
    jobId: t.hex().notNull(),
    modelId: t.hex().notNull(),
    buyer: t.hex().notNull(),
    provider: t.hex().notNull(),
    challenger: t.hex().notNull(),
    index: number(t),
    phase: t.text().notNull(),
    isOver: t.boolean().notNull(),
    deadline: number(t),
    round: t.integer().notNull(),
    redraws: t.integer().notNull(),
    bond: t.bigint().notNull(),
    /** Of the last jury that decided; once over, that of the case. */
    verdict: t.text(),
    /** Of a proven fault: which. */
    fault: t.text(),
    evidenceHash: t.hex(),
    ending: t.json().$type<NonNullable<CaseDetail["ending"]>>(),
    sequence: sequence(t).notNull(),
    openedAt: place(t).notNull(),
    endedAt: place(t),
  }),
  (table) => ({
    order: index().on(table.sequence),
    open: index().on(table.isOver, table.sequence),
    lot: index().on(table.lotId),
  }),
);

export const jury = onchainTable(
  "jury",
  (t) => ({
    caseId: t.text().notNull(),
    round: t.integer().notNull(),
    redraws: t.integer().notNull(),
    /** By place. */
    seatIds: t.json().$type<number[]>().notNull(),
    median: t.integer(),
    verdict: t.text(),
    isFailed: t.boolean().notNull(),
    drawnAt: place(t).notNull(),
  }),
  (table) => ({ pk: primaryKey({ columns: [table.caseId, table.round, table.redraws] }) }),
);

export const jurorVote = onchainTable(
  "juror_vote",
  (t) => ({
    caseId: t.text().notNull(),
    round: t.integer().notNull(),
    redraws: t.integer().notNull(),
    place: t.integer().notNull(),
    seatId: number(t).notNull(),
    commitment: t.hex().notNull(),
    /** In 1/64 octaves, once revealed. */
    vote: t.integer(),
  }),
  (table) => ({ pk: primaryKey({ columns: [table.caseId, table.round, table.redraws, table.place] }) }),
);

export const seat = onchainTable(
  "seat",
  (t) => ({
    seatId: number(t).primaryKey(),
    modelId: t.hex().notNull(),
    owner: t.hex().notNull(),
    voter: t.hex().notNull(),
    encryptionKey: t.hex().notNull(),
    stake: t.bigint().notNull(),
    activeAt: number(t).notNull(),
    isTaken: t.boolean().notNull(),
    penalties: t.bigint().notNull(),
    pay: t.bigint().notNull(),
    collected: t.bigint().notNull(),
    takenAt: place(t).notNull(),
    leftAt: place(t),
  }),
  (table) => ({ owner: index().on(table.owner) }),
);
