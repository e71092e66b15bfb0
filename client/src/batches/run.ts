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
import type { CreateBatchOptions } from "./create.ts";
import type { OnProgress } from "./events.ts";
import { hashInput } from "./inputHash.ts";
import { keepOnce } from "./keepOnce.ts";
import { lockInput, lockRun } from "./locks.ts";
import { openJobs } from "./openJobs.ts";
import { type BatchRecord, type JobRecord, readItems, readRecord, writeRecord } from "./record.ts";
import { type PayOption, runJob } from "./runJob.ts";
import { type Settlement, settleFromChain } from "./settlement.ts";

/** Something may lie unclaimed for so many turnarounds. */
const PATIENCE_TURNAROUNDS = 3;

export interface DriveOptions {
  /** How long, in seconds, something may lie unclaimed before it is withdrawn. Default: three turnarounds. */
  timeoutSeconds?: number;
  /** Default: only what hashes tell is checked. */
  check?: CheckOptions;
  /**
   * `checked`: lots are paid as soon as they are checked; `by-hand`: when their window is over, unless they are accepted
   * or challenged before. Default: `checked`.
   */
  pay?: PayOption;
  /** Kept with the batch in place of what was. Default: that stays. */
  metadata?: Record<string, string>;
  onProgress?: OnProgress;
  /** Stops the run, not the batch: it can be resumed. */
  signal?: AbortSignal;
}

export type RunBatchOptions = DriveOptions & ({ batchId: string } | CreateBatchOptions);

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

  const { input, onProgress, signal, timeoutSeconds, check, pay, onKept, ...createOptions } = options;
  const requests = await readRequests(input);
  const inputHash = await hashInput(requests, createOptions.model);
  await using _input = await lockInput(signing, inputHash);
  const { record, inputs } = await keepOnce(
    signing,
    { requests, inputHash },
    {
      ...createOptions,
      onKept: ({ batchId, isResumed }) => {
        onKept?.({ batchId, isResumed });
        onProgress?.({ type: "started", batchId, isResumed });
      },
    },
  );
  const { metadata } = createOptions;
  // Awaited here, as in driveLocked, so that the lock is held until the run ends.
  return await driveLocked(signing, record.batchId, {
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
    ...(check && { check }),
    ...(pay && { pay }),
    ...(metadata && { metadata }),
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    ...(inputs && { inputs }),
  });
}

async function driveLocked(
  core: SigningCore,
  batchId: string,
  options: DriveOptions & { inputs?: ReadonlyMap<Hex, JobInput> },
): Promise<BatchResult> {
  const { buyer } = await readRecord(core, batchId);
  if (buyer !== core.account.address) {
    throw new MillraceError(`Batch ${batchId} belongs to another account.`, {
      code: "other-account",
      details: `It was opened by ${buyer}.`,
    });
  }
  await using _run = await lockRun(core, batchId);
  // Only now: whoever had the lock may have changed it.
  let record = await readRecord(core, batchId);
  if (options.metadata) {
    record = { ...record, metadata: options.metadata };
    await writeRecord(core, record);
  }
  return await drive(core, record, options);
}

async function drive(
  core: SigningCore,
  record: BatchRecord,
  options: DriveOptions & { inputs?: ReadonlyMap<Hex, JobInput> },
): Promise<BatchResult> {
  const { onProgress = () => {}, timeoutSeconds, check, pay = "checked" } = options;
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
      pay,
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
