import type { commitment, event, job, lot } from "ponder:schema";
import type {
  IndexedJobStatus,
  IndexedLot,
  IndexedLotStatus,
  JobDetail,
  JobSummary,
  MarketEvent,
} from "@millrace/protocol";
import { getAddress } from "viem";
import { priceOf } from "./prices.ts";

type JobRow = typeof job.$inferSelect;
type LotRow = typeof lot.$inferSelect;
type CommitmentRow = typeof commitment.$inferSelect;

export function jobView(row: JobRow): JobSummary {
  return {
    jobId: row.jobId,
    buyer: getAddress(row.buyer),
    modelId: row.modelId,
    openedAt: row.openedAt,
    parametersVersion: row.parametersVersion,
    itemCount: row.itemCount,
    progress: {
      open: row.openItems,
      assigned: row.assignedItems,
      submitted: row.submittedItems,
      settled: row.settledItems,
      closed: row.closedItems,
    },
    status: statusOf(row),
    limit: {
      promptPricePerMillion: String(row.promptLimitPerMillion),
      outputPricePerMillion: String(row.outputLimitPerMillion),
    },
    escrow: String(row.escrow),
    paid: String(row.paid),
    fees: String(row.fees),
    refunded: String(row.refunded),
  };
}

function statusOf(row: JobRow): IndexedJobStatus {
  if (row.openItems > 0) return "open";
  return row.assignedItems + row.submittedItems > 0 ? "running" : "done";
}

export function requestView(row: JobRow): JobDetail["request"] {
  return {
    nonce: String(row.nonce),
    inputRoot: row.inputRoot,
    auditRoot: row.auditRoot,
    encryptionKey: row.encryptionKey,
    auditor: getAddress(row.auditor),
    promptTokensCap: row.promptTokensCap,
    outputTokensCap: row.outputTokensCap,
    startBps: row.startBps,
    rampSeconds: row.rampSeconds,
    turnaroundSeconds: row.turnaroundSeconds,
    minLotItems: row.minLotItems,
    minLotValue: String(row.minLotValue),
  };
}

/** @param committed What it is committed to; null if to nothing. */
export function lotView(row: LotRow, committed: CommitmentRow | null): IndexedLot {
  return {
    lotId: row.lotId,
    jobId: row.jobId,
    buyer: getAddress(row.buyer),
    provider: getAddress(row.provider),
    modelId: row.modelId,
    ...(row.offerId && { offerId: row.offerId }),
    firstItem: row.firstItem,
    itemCount: row.itemCount,
    attempt: row.attempt,
    ...priceOf(row),
    escrow: String(row.escrow),
    collateral: String(row.collateral),
    penalty: String(row.penalty),
    releaseCharge: String(row.releaseCharge),
    graceEndsAt: row.graceEndsAt,
    deadline: row.deadline,
    windowSeconds: row.windowSeconds,
    feeBps: row.feeBps,
    bountyBps: row.bountyBps,
    // As the handlers write them.
    status: row.status as IndexedLotStatus,
    ...(row.reopened && { reopened: row.reopened as NonNullable<IndexedLot["reopened"]> }),
    assignedAt: row.assignedAt,
    ...(committed && { commitment: commitmentView(committed) }),
    ...(row.windowEnd !== null && { windowEnd: row.windowEnd }),
    ...(row.settledAt && {
      settled: {
        paid: String(row.paid),
        fee: String(row.fee),
        refund: String(row.refund),
        forfeit: String(row.forfeit),
        at: row.settledAt,
      },
    }),
    cases: row.cases,
  };
}

function commitmentView(row: CommitmentRow): NonNullable<IndexedLot["commitment"]> {
  return {
    root: row.root,
    resultsHash: row.resultsHash,
    resultsKeyHash: row.resultsKeyHash,
    promptTokens: String(row.promptTokens),
    outputTokens: String(row.outputTokens),
    errors: row.errors,
    due: String(row.due),
    at: row.at,
  };
}

export function eventView(row: typeof event.$inferSelect): MarketEvent {
  return {
    name: row.name,
    args: row.args,
    at: { block: row.block, time: row.time, transactionHash: row.transactionHash },
  };
}
