import type { Job, Lot, Submission } from "@millrace/protocol";
import { type Hex, numberToHex } from "viem";
import type { MarketLog } from "../../../../client/src/core/logs.ts";

export const word = (n: number): Hex => numberToHex(n, { size: 32 });
export const address = (n: number) => numberToHex(n, { size: 20 });

export const buyer = address(100);

export const job: Job = {
  buyer,
  openedAt: 1_700_000_000,
  parametersVersion: 1,
  request: {
    nonce: 1n,
    modelId: word(1),
    inputRoot: word(2),
    auditRoot: word(3),
    encryptionKey: word(4),
    auditor: address(0),
    itemCount: 10,
    promptTokensCap: 100,
    outputTokensCap: 200,
    promptLimitPerMillion: 200_000n,
    outputLimitPerMillion: 800_000n,
    startBps: 5_000,
    rampSeconds: 10,
    turnaroundSeconds: 60,
    minLotItems: 1,
    minLotValue: 0n,
  },
};

/** Each item is escrowed at (100 × 0.2 + 200 × 0.8) = 180 base units. */
export const ITEM_ESCROW = 180n;

export function lotOf(provider: number, firstItem: number, itemCount: number, attempt = 0): Lot {
  return {
    jobId: word(50),
    buyer,
    provider: address(provider),
    firstItem,
    itemCount,
    attempt,
    promptPricePerMillion: 100_000n,
    outputPricePerMillion: 400_000n,
    escrow: ITEM_ESCROW * BigInt(itemCount),
    collateral: 10_000n,
    penalty: 1_000n,
    releaseCharge: 5n,
    graceEndsAt: 1_700_000_030,
    deadline: 1_700_000_095,
    windowSeconds: 30,
    feeBps: 100,
    bountyBps: 1_000,
  };
}

export const submission: Submission = {
  root: word(7),
  resultsHash: word(8),
  resultsKeyHash: word(9),
  totals: { promptTokens: 400n, outputTokens: 150n, errors: 0 },
};

/** The submission's tokens at the lots' prices: 400 × 0.1 + 150 × 0.4. */
export const DUE = 100n;
export const WINDOW_END = 1_700_000_120;

let position = 0;

/** An event in a block and a transaction of its own. */
export function event(eventName: MarketLog["eventName"], args: object): MarketLog {
  position++;
  // The rest of a log plays no part in what is derived from it.
  return {
    eventName,
    args: { jobId: word(50), ...args },
    blockNumber: BigInt(position),
    blockHash: word(position),
    logIndex: 0,
    transactionHash: word(position),
  } as unknown as MarketLog;
}

export const opened = () => event("JobOpened", { buyer, modelId: word(1), job });
export const assigned = (lotId: number, lot: Lot) =>
  event("LotAssigned", {
    lotId: word(lotId),
    provider: lot.provider,
    lot,
    offerId: word(0),
    encryptionKey: word(5),
  });
export const submitted = (lotId: number, lot: Lot) =>
  event("LotSubmitted", {
    lotId: word(lotId),
    provider: lot.provider,
    submission,
    windowEnd: WINDOW_END,
  });
