import { MillraceError } from "@millrace/protocol";
import type { Hex } from "viem";
import type { Trust } from "../check/checkLot.ts";
import { findJobVerifier, type JobVerifier } from "../check/jobVerifier.ts";
import type { CheckOptions } from "../check/options.ts";
import { type Core, requireAccount, type SigningCore } from "../core/core.ts";
import { retryReads } from "../core/retryReads.ts";
import { buildInput, type JobInput } from "../input/items.ts";
import { readRequests } from "../input/readRequests.ts";
import { keptLots } from "../lots/lotResults.ts";
import { type FinishedJob, type ItemCounts, writeOutput } from "../output/writeOutput.ts";
import { type CreateBatchOptions, prepareBatch } from "./create.ts";
import type { OnProgress } from "./events.ts";
import { hashInput } from "./inputHash.ts";
import { openJobs } from "./openJobs.ts";
import {
  type BatchRecord,
  type JobRecord,
  listRecords,
  readItems,
  readRecord,
  writeRecord,
} from "./record.ts";
import { runJob } from "./runJob.ts";
import { type Settlement, settleFromChain } from "./settlement.ts";

/** Something may lie unclaimed for so many turnarounds. */
const PATIENCE_TURNAROUNDS = 3;

export interface DriveOptions {
  /** How long, in seconds, something may lie unclaimed before it is withdrawn. Default: three turnarounds. */
  timeoutSeconds?: number;
  /** Default: only what hashes tell is checked. */
  check?: CheckOptions;
  onProgress?: OnProgress;
  /** Stops the run, not the batch: it can be resumed. */
  signal?: AbortSignal;
}

export type RunBatchOptions = DriveOptions &
  (
    | { batchId: string }
    | (CreateBatchOptions & {
        /** Starts anew even if the same file has an unfinished batch here, which is resumed otherwise. */
        forceNew?: boolean;
      })
  );

/** A finished batch. */
export interface BatchResult {
  batchId: string;
  items: ItemCounts;
  settlement: Settlement;
  /** How many requests' answers can be trusted how far. */
  trust: Partial<Record<Trust, number>>;
}

/**
 * Runs a batch to its end: a new one from its file, or one that was interrupted. Afterwards its output is kept, see
 * `results`. May be aborted or killed at any moment and called again.
 *
 * @throws what `createBatch` throws; MillraceError `unknown-batch`, `other-network`, `other-account`, `locked` (another
 * process runs the same batch); the signal's reason when it aborts
 * @example
 * const { batchId } = await runBatch(core, { input: createReadStream("requests.jsonl"), onProgress: console.log });
 */
export async function runBatch(core: Core, options: RunBatchOptions): Promise<BatchResult> {
  const signing = requireAccount(core);
  if ("batchId" in options) {
    const { batchId } = options;
    options.onProgress?.({ type: "started", batchId, isResumed: true });
    return driveLocked(signing, batchId, options);
  }

  const { input, onProgress, signal, timeoutSeconds, check, forceNew = false, ...createOptions } = options;
  const requests = await readRequests(input);
  const inputHash = await hashInput(requests, createOptions.model);
  // Two processes with the same file: one runs it, the other is told so, and nothing is paid twice.
  await using _lock = await core.state.lock(`inputs/${inputHash}`);
  const unfinished = forceNew ? undefined : await findUnfinished(signing, inputHash);
  const prepared = unfinished ? undefined : await prepareBatch(signing, requests, createOptions);
  const { batchId } = unfinished ?? prepared!.record;
  onProgress?.({ type: "started", batchId, isResumed: unfinished !== undefined });
  // Awaited here, as in driveLocked, so that the lock is held until the run ends.
  return await driveLocked(signing, batchId, {
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
    ...(check && { check }),
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    ...(prepared && { inputs: prepared.inputs }),
  });
}

async function findUnfinished(core: SigningCore, inputHash: string): Promise<BatchRecord | undefined> {
  const { network, account } = core;
  const records = await listRecords(core);
  return records.find(
    (record) =>
      record.inputHash === inputHash &&
      record.finishedAtMs === undefined &&
      record.chainId === network.chainId &&
      record.market === network.market &&
      record.buyer === account.address,
  );
}

async function driveLocked(
  core: SigningCore,
  batchId: string,
  options: DriveOptions & { inputs?: ReadonlyMap<Hex, JobInput> },
): Promise<BatchResult> {
  const record = await readRecord(core, batchId);
  if (record.buyer !== core.account.address) {
    throw new MillraceError(`Batch ${batchId} belongs to another account.`, {
      code: "other-account",
      details: `It was opened by ${record.buyer}.`,
    });
  }
  await using _lock = await core.state.lock(`batches/${batchId}/run`);
  return await drive(core, record, options);
}

async function drive(
  core: SigningCore,
  record: BatchRecord,
  options: DriveOptions & { inputs?: ReadonlyMap<Hex, JobInput> },
): Promise<BatchResult> {
  const { onProgress = () => {}, timeoutSeconds, check } = options;
  const { batchId, buyer } = record;
  // Jobs of one batch end together: if one cannot go on, the others stop too, and all are resumed.
  const failed = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal;
  signal.throwIfAborted();
  await openJobs(core, record);
  const [stored, kept] = await Promise.all([readItems(core, record), keptLots(core, batchId)]);
  const finish = async (
    { items, positions }: (typeof stored)[number],
    index: number,
  ): Promise<FinishedJob> => {
    const job = record.jobs[index]!;
    const patienceSeconds = timeoutSeconds ?? job.request.turnaroundSeconds * PATIENCE_TURNAROUNDS;
    const input = options.inputs?.get(job.jobId) ?? buildInput(items, job.secret);
    const jobVerifier = await retryReads(() => findJobVerifier(core, job, check), {
      clock: core.clock,
      signal,
      onError: (error) => onProgress({ type: "warning", error }),
    });
    if (check) tellChecking(job, jobVerifier, onProgress);
    const outcome = await runJob(core, {
      batchId,
      job,
      input,
      kept,
      jobVerifier,
      check,
      patienceSeconds,
      onProgress,
      signal,
    });
    return { job, items, positions, outcome };
  };
  const runs = stored.map((part, index) =>
    finish(part, index).catch((error: unknown) => {
      failed.abort(error);
      throw error;
    }),
  );
  await Promise.allSettled(runs);
  const jobs = await Promise.all(runs);

  const items = await writeOutput(core, { batchId, jobs });
  const logs = jobs.flatMap(({ outcome }) => outcome.logs);
  const settlement = await retryReads(() => settleFromChain(core, { logs, buyer }), {
    clock: core.clock,
    signal,
    onError: (error) => onProgress({ type: "warning", error }),
  });
  await writeRecord(core, { ...record, finishedAtMs: core.clock.now() });
  onProgress({ type: "done", settlement });
  return { batchId, items, settlement, trust: countTrust(jobs) };
}

/** Answers count by how their lots were checked; requests without one do not. */
function countTrust(jobs: readonly FinishedJob[]): BatchResult["trust"] {
  const trust: BatchResult["trust"] = {};
  for (const { outcome } of jobs) {
    const { view, kept, failures } = outcome;
    for (const { lotId, lot, status, commitment } of view.lots.values()) {
      const known = kept.get(lotId);
      const isUsed = status === "settled" || status === "submitted";
      if (!isUsed || !known || known.commitment !== commitment || failures.has(lotId)) continue;
      // What jurors did not call a fault is paid, and no more trusted for that.
      const { check } = known;
      const how = check && !check.fault ? check.trust : "objective faults only";
      trust[how] = (trust[how] ?? 0) + lot.itemCount;
    }
  }
  return trust;
}

function tellChecking(
  { jobId }: JobRecord,
  { verifier, ...none }: JobVerifier,
  onProgress: OnProgress,
): void {
  const trust = verifier?.trust ?? "objective faults only";
  onProgress({ type: "checking", jobId, trust, ...("reason" in none && { reason: none.reason }) });
}
