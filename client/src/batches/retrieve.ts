import type { Address, Hex } from "viem";
import type { Core } from "../core/core.ts";
import { followJob } from "./jobLog.ts";
import { isCommitted, type JobView, viewJob } from "./jobView.ts";
import { isRunning } from "./locks.ts";
import { type BatchRecord, listRecords, readRecord } from "./record.ts";
import { type Settlement, settleFromChain } from "./settlement.ts";

export type BatchStatus = "not-opened" | "in-progress" | "finished";

/** A batch as it stands now. */
export interface BatchState {
  batchId: string;
  status: BatchStatus;
  createdAtMs: number;
  /** Who pays for it, and can go on with it. */
  buyer: Address;
  itemCount: number;
  metadata: Readonly<Record<string, string>>;
  /** Whether it is being run, here or elsewhere; undefined where the state cannot tell. */
  isRunning: boolean | undefined;
  jobs: JobState[];
  settlement: Settlement;
}

export interface JobState {
  jobId: Hex;
  model: string;
  /** How many items are where. They add up to the job's item count. */
  items: { unassigned: number; assigned: number; submitted: number; settled: number; withdrawn: number };
  view: JobView;
}

/**
 * Reads a batch's state from the chain; works whether or not it is being run.
 *
 * @throws MillraceError `unknown-batch`, `other-network`, `chain-unreachable` (retryable)
 */
export async function retrieveBatch(core: Core, { batchId }: { batchId: string }): Promise<BatchState> {
  const record = await readRecord(core, batchId);
  const parts = await Promise.all(
    record.jobs.map(async (job) => {
      const logs = await followJob(core, job).poll();
      return { job, logs, view: viewJob(logs) };
    }),
  );
  const logs = parts.flatMap((part) => part.logs);
  const isOpened = parts.every(({ view }) => view.job !== undefined);
  const unfinished = isOpened ? "in-progress" : "not-opened";
  return {
    batchId,
    status: record.finishedAtMs === undefined ? unfinished : "finished",
    createdAtMs: record.createdAtMs,
    buyer: record.buyer,
    itemCount: record.itemCount,
    metadata: record.metadata ?? {},
    isRunning: await isRunning(core, batchId),
    jobs: parts.map(({ job, view }) => ({
      jobId: job.jobId,
      model: job.modelName,
      items: countItems(view, job.request.itemCount),
      view,
    })),
    settlement: await settleFromChain(core, { logs, buyer: record.buyer }),
  };
}

function countItems(view: JobView, itemCount: number): JobState["items"] {
  const items = {
    unassigned: 0,
    assigned: 0,
    submitted: 0,
    settled: 0,
    withdrawn: view.closed?.itemCount ?? 0,
  };
  // Only the last lot of each run of items counts; in the order of assignment, it replaces the ones before.
  const last = new Map([...view.lots.values()].map((lot) => [lot.lot.firstItem, lot]));
  for (const { lot, status } of last.values()) {
    if (status === "assigned" || status === "settled") items[status] += lot.itemCount;
    else if (isCommitted(status)) items.submitted += lot.itemCount;
    else if (status === "closed") items.withdrawn += lot.itemCount;
  }
  items.unassigned = itemCount - items.assigned - items.submitted - items.settled - items.withdrawn;
  return items;
}

/** A batch in a list, without a look at the chain. */
export interface BatchSummary extends Pick<BatchRecord, "batchId" | "createdAtMs" | "buyer" | "itemCount"> {
  jobIds: Hex[];
  /** Set for orders of scores from other providers. */
  purpose?: "scores";
  finishedAtMs?: number;
}

/**
 * Batches kept here for this network, newest first.
 *
 * @param withScores whether also those that checks have opened, for scores of other providers. Default: false.
 */
export async function listBatches(
  core: Core,
  { withScores = false }: { withScores?: boolean } = {},
): Promise<BatchSummary[]> {
  const { chainId, market } = core.network;
  const records = await listRecords(core);
  return records
    .filter((record) => record.chainId === chainId && record.market === market)
    .filter(({ purpose }) => withScores || purpose === undefined)
    .map(({ batchId, createdAtMs, buyer, itemCount, jobs, purpose, finishedAtMs }) => ({
      ...{ batchId, createdAtMs, buyer, itemCount },
      jobIds: jobs.map(({ jobId }) => jobId),
      ...(purpose && { purpose }),
      ...(finishedAtMs !== undefined && { finishedAtMs }),
    }));
}
