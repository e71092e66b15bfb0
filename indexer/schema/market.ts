import { index, onchainTable, primaryKey } from "ponder";
import { number, place, sequence } from "./place.ts";

export const model = onchainTable(
  "model",
  (t) => ({
    modelId: t.hex().primaryKey(),
    publisher: t.hex().notNull(),
    sequence: sequence(t).notNull(),
    publishedAt: place(t).notNull(),
    name: t.text().notNull(),
    weightsHash: t.hex().notNull(),
    sizeBytes: t.bigint().notNull(),
    quantization: t.text().notNull(),
    contextTokens: number(t).notNull(),
    chatTemplateHash: t.hex().notNull(),
    licence: t.text().notNull(),
    classHash: t.hex().notNull(),
  }),
  (table) => ({ order: index().on(table.sequence) }),
);

/** What happens around a model, published or not. */
export const modelUse = onchainTable("model_use", (t) => ({
  modelId: t.hex().primaryKey(),
  seats: t.integer().notNull().default(0),
  seatStake: t.bigint().notNull().default(0n),
  jobs: t.integer().notNull().default(0),
  promptTokens: t.bigint().notNull().default(0n),
  outputTokens: t.bigint().notNull().default(0n),
  paid: t.bigint().notNull().default(0n),
}));

/** Those that hold: the newest of each kind by each attester, unless it was revoked. */
export const attestation = onchainTable(
  "attestation",
  (t) => ({
    modelId: t.hex().notNull(),
    attester: t.hex().notNull(),
    /** Kinds are as long as anyone likes, and keys are not: keccak256 of its UTF-8 bytes. */
    kindHash: t.hex().notNull(),
    kind: t.text().notNull(),
    contentHash: t.hex().notNull(),
    uri: t.text().notNull(),
    summary: t.text().notNull(),
    sequence: sequence(t).notNull(),
    at: place(t).notNull(),
  }),
  (table) => ({ pk: primaryKey({ columns: [table.modelId, table.attester, table.kindHash] }) }),
);

/** Posted offers. What hangs on the time, or on its provider's epoch, is not in here: see `isLive`. */
export const offer = onchainTable(
  "offer",
  (t) => ({
    offerId: t.hex().primaryKey(),
    provider: t.hex().notNull(),
    modelId: t.hex().notNull(),
    encryptionKey: t.hex().notNull(),
    promptPricePerMillion: t.bigint().notNull(),
    outputPricePerMillion: t.bigint().notNull(),
    /** Of as many prompt as output tokens: what the book is sorted by. */
    pairPrice: t.bigint().notNull(),
    capacityItems: number(t).notNull(),
    minLotItems: number(t).notNull(),
    maxLotItems: number(t).notNull(),
    minLotValue: t.bigint().notNull(),
    maxPromptTokens: number(t).notNull(),
    maxOutputTokens: number(t).notNull(),
    minTurnaroundSeconds: number(t).notNull(),
    validUntil: number(t).notNull(),
    epoch: number(t).notNull(),
    salt: t.bigint().notNull(),
    filledItems: number(t).notNull(),
    isCancelled: t.boolean().notNull(),
    sequence: sequence(t).notNull(),
    postedAt: place(t).notNull(),
  }),
  (table) => ({
    book: index().on(table.modelId, table.pairPrice, table.sequence),
    provider: index().on(table.provider, table.sequence),
  }),
);

/** What was taken of offers that were only signed, so far: they may be posted later. */
export const signedOffer = onchainTable("signed_offer", (t) => ({
  offerId: t.hex().primaryKey(),
  provider: t.hex().notNull(),
  filledItems: number(t).notNull(),
  isCancelled: t.boolean().notNull(),
}));

export const job = onchainTable(
  "job",
  (t) => ({
    jobId: t.hex().primaryKey(),
    buyer: t.hex().notNull(),
    modelId: t.hex().notNull(),
    sequence: sequence(t).notNull(),
    openedAt: place(t).notNull(),
    parametersVersion: number(t).notNull(),
    nonce: t.bigint().notNull(),
    inputRoot: t.hex().notNull(),
    auditRoot: t.hex().notNull(),
    encryptionKey: t.hex().notNull(),
    auditor: t.hex().notNull(),
    itemCount: number(t).notNull(),
    promptTokensCap: number(t).notNull(),
    outputTokensCap: number(t).notNull(),
    promptLimitPerMillion: t.bigint().notNull(),
    outputLimitPerMillion: t.bigint().notNull(),
    startBps: t.integer().notNull(),
    rampSeconds: number(t).notNull(),
    turnaroundSeconds: number(t).notNull(),
    minLotItems: number(t).notNull(),
    minLotValue: t.bigint().notNull(),
    openedTime: number(t).notNull(),
    /** Last second in which something of it can be claimed. */
    bidEndsAt: number(t).notNull(),
    /** Of the bid; reopened lots wait too. */
    bidItems: number(t).notNull(),
    openItems: number(t).notNull(),
    assignedItems: number(t).notNull(),
    submittedItems: number(t).notNull(),
    settledItems: number(t).notNull(),
    closedItems: number(t).notNull(),
    escrow: t.bigint().notNull(),
    paid: t.bigint().notNull(),
    fees: t.bigint().notNull(),
    refunded: t.bigint().notNull(),
  }),
  (table) => ({
    order: index().on(table.sequence),
    buyer: index().on(table.buyer, table.sequence),
    model: index().on(table.modelId, table.sequence),
  }),
);

export const lot = onchainTable(
  "lot",
  (t) => ({
    lotId: t.hex().primaryKey(),
    jobId: t.hex().notNull(),
    buyer: t.hex().notNull(),
    provider: t.hex().notNull(),
    modelId: t.hex().notNull(),
    offerId: t.hex(),
    encryptionKey: t.hex().notNull(),
    promptPricePerMillion: t.bigint().notNull(),
    outputPricePerMillion: t.bigint().notNull(),
    firstItem: number(t).notNull(),
    itemCount: number(t).notNull(),
    attempt: t.integer().notNull(),
    escrow: t.bigint().notNull(),
    collateral: t.bigint().notNull(),
    penalty: t.bigint().notNull(),
    releaseCharge: t.bigint().notNull(),
    graceEndsAt: number(t).notNull(),
    deadline: number(t).notNull(),
    windowSeconds: number(t).notNull(),
    feeBps: t.integer().notNull(),
    bountyBps: t.integer().notNull(),
    /** As `IndexedLotStatus`. */
    status: t.text().notNull(),
    /** As `IndexedLot["reopened"]`, with when, and what is still locked for its items. */
    reopened: t.text(),
    reopenedTime: number(t),
    openEscrow: t.bigint(),
    windowEnd: number(t),
    sequence: sequence(t).notNull(),
    assignedAt: place(t).notNull(),
    assignedTime: number(t).notNull(),
    submittedTime: number(t),
    settledTime: number(t),
    settledAt: place(t),
    paid: t.bigint(),
    fee: t.bigint(),
    refund: t.bigint(),
    forfeit: t.bigint(),
    /** The number of the latest case of the court, or 0. */
    courtCases: t.integer().notNull(),
    /** Cases of the court and proven faults. */
    cases: t.integer().notNull(),
  }),
  (table) => ({
    job: index().on(table.jobId, table.sequence),
    provider: index().on(table.provider, table.sequence),
    buyer: index().on(table.buyer, table.sequence),
    trades: index().on(table.modelId, table.settledTime),
    open: index().on(table.modelId, table.status),
  }),
);

/** What lots are committed to. */
export const commitment = onchainTable("commitment", (t) => ({
  lotId: t.hex().primaryKey(),
  root: t.hex().notNull(),
  resultsHash: t.hex().notNull(),
  resultsKeyHash: t.hex().notNull(),
  promptTokens: t.bigint().notNull(),
  outputTokens: t.bigint().notNull(),
  errors: number(t).notNull(),
  due: t.bigint().notNull(),
  at: place(t).notNull(),
}));

export const provider = onchainTable(
  "provider",
  (t) => ({
    provider: t.hex().primaryKey(),
    sequence: sequence(t).notNull(),
    firstSeen: place(t).notNull(),
    offerEpoch: number(t).notNull().default(0),
    running: t.integer().notNull().default(0),
    completed: t.integer().notNull().default(0),
    late: t.integer().notNull().default(0),
    released: t.integer().notNull().default(0),
    slashed: t.integer().notNull().default(0),
    items: number(t).notNull().default(0),
    promptTokens: t.bigint().notNull().default(0n),
    outputTokens: t.bigint().notNull().default(0n),
    earned: t.bigint().notNull().default(0n),
    lost: t.bigint().notNull().default(0n),
    receiptsDemanded: t.integer().notNull().default(0),
    receiptsShown: t.integer().notNull().default(0),
    itemsDisputed: t.integer().notNull().default(0),
    itemsCleared: t.integer().notNull().default(0),
    faultsProven: t.integer().notNull().default(0),
    faultsJudged: t.integer().notNull().default(0),
  }),
  (table) => ({ earned: index().on(table.earned, table.sequence) }),
);
