import {
  encryptionKeysOf,
  formatAmount,
  identityFromBytes,
  jobIdOf,
  MillraceError,
} from "@millrace/protocol";
import { type Hex, hexToBytes } from "viem";
import { checkBalance } from "../account/balance.ts";
import { withChainErrors } from "../core/chainErrors.ts";
import { checkNetwork } from "../core/checkNetwork.ts";
import type { SigningCore } from "../core/core.ts";
import { auditTreeOf } from "../input/auditSecrets.ts";
import { buildInput, identitySecretOf, type JobInput } from "../input/items.ts";
import type { BatchRequest } from "../input/readRequests.ts";
import { reserveOf } from "../market/pricing.ts";
import { readParameters } from "../market/readParameters.ts";
import { type BuyOptions, type JobQuote, type Quote, quoteRequests } from "../quote/quote.ts";
import { lockRun } from "./locks.ts";
import { unopenedJobs } from "./openJobs.ts";
import {
  type BatchRecord,
  type JobRecord,
  listRecords,
  readRecord,
  writeItems,
  writeRecord,
} from "./record.ts";

/** How a batch is bought and kept. */
export interface KeepOptions extends BuyOptions {
  /** Refuses to lock more than this for the batch, base units. Default: no limit but the balance. */
  maxReserve?: bigint;
  /** Buys anew even if the same input has an unfinished batch here, which is gone on with otherwise. */
  forceNew?: boolean;
  /** Kept with a new batch, for whoever shows it. */
  metadata?: Record<string, string>;
  /** What a new batch is for, if it is not its user's own. */
  purpose?: "scores";
  /** Called with the quote before anything is kept or spent; what it throws cancels. */
  onQuote?: (quote: Quote) => void | Promise<void>;
  /** Called once all of it is kept, before its first transaction: from here on it can be resumed, whatever comes. */
  onKept?: (batch: { batchId: string; isResumed: boolean }) => void;
}

/** A batch as it is kept, and for a new one its jobs' inputs by id, which take long to build for large ones. */
export interface KeptBatch {
  record: BatchRecord;
  inputs?: ReadonlyMap<Hex, JobInput>;
}

/**
 * Finds the unfinished batch of an input, or prices and keeps a new one: all that comes before the first transaction. The
 * input has to be locked.
 *
 * @throws MillraceError `reserve-too-high`, `insufficient-balance`, and what pricing throws
 */
export async function keepOnce(
  core: SigningCore,
  asked: { requests: readonly BatchRequest[]; inputHash: Hex },
  { forceNew = false, ...options }: KeepOptions,
): Promise<KeptBatch> {
  const unfinished = forceNew ? undefined : await findUnfinished(core, asked.inputHash);
  if (!unfinished) return prepareBatch(core, asked, options);
  const { batchId, jobs } = unfinished;
  if (!unfinished.isBegun && (await unopenedJobs(core, unfinished)).length === jobs.length) {
    await using _run = await lockRun(core, batchId);
    // Only now: whoever had the lock may have begun it.
    if (!(await readRecord(core, batchId)).isBegun) {
      return await prepareBatch(core, asked, { ...options, batchId });
    }
  }
  return goOn(core, await readRecord(core, batchId), options);
}

/** Checks that what of a batch is not open yet may be opened, at the terms that it was begun with. */
async function goOn(
  core: SigningCore,
  record: BatchRecord,
  { maxReserve, onKept }: KeepOptions,
): Promise<KeptBatch> {
  const unopened = await unopenedJobs(core, record);
  const reserve = unopened.reduce((sum, { request }) => sum + reserveOf(request), 0n);
  checkReserve(reserve, maxReserve);
  if (reserve > 0n) await checkBalance(core, reserve);
  onKept?.({ batchId: record.batchId, isResumed: true });
  return { record };
}

async function findUnfinished(core: SigningCore, inputHash: Hex): Promise<BatchRecord | undefined> {
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

async function prepareBatch(
  core: SigningCore,
  { requests, inputHash }: { requests: readonly BatchRequest[]; inputHash: Hex },
  {
    onQuote,
    onKept,
    maxReserve,
    metadata,
    purpose,
    batchId = `batch_${core.random().slice(2, 26)}`,
    ...options
  }: KeepOptions & { batchId?: string },
): Promise<KeptBatch> {
  await checkNetwork(core);
  await checkNotPaused(core);
  const quoted = await quoteRequests(core, requests, options);
  checkReserve(quoted.reserve, maxReserve);
  await onQuote?.(quoted);
  await checkBalance(core, quoted.reserve);
  const about = { batchId, inputHash, ...(metadata && { metadata }), ...(purpose && { purpose }) };
  const kept = await keepBatch(core, quoted, about);
  onKept?.({ batchId, isResumed: false });
  return kept;
}

/** @throws MillraceError `reserve-too-high` */
function checkReserve(reserve: bigint, maxReserve: bigint | undefined): void {
  if (maxReserve === undefined || reserve <= maxReserve) return;
  throw new MillraceError(`The batch reserves ${formatAmount(reserve)}.`, {
    code: "reserve-too-high",
    details: `At most ${formatAmount(maxReserve)} may be locked.`,
    hints: ["Lower max_tokens or the limits, split the file, or allow more."],
  });
}

/** @throws MillraceError `market-paused` (retryable) */
async function checkNotPaused(core: SigningCore): Promise<void> {
  if (!(await readParameters(core)).isPaused) return;
  throw new MillraceError("The market's guardian has paused the opening of jobs.", {
    code: "market-paused",
    retryable: true,
    hints: ["A pause lapses by itself within days. Batches under way go on."],
  });
}

/** Writes everything that the batch needs to its state; from here on it can be resumed. */
async function keepBatch(
  core: SigningCore,
  { jobs, itemCount }: Quote,
  about: Pick<BatchRecord, "batchId" | "inputHash" | "metadata" | "purpose">,
): Promise<KeptBatch> {
  const { batchId } = about;
  const fromBlock = await withChainErrors(() => core.publicClient.getBlockNumber({ cacheTime: 0 }));
  const stored = jobs.flatMap((job, index) =>
    job.items.map((item, i) => ({ position: job.positions[i]!, item: { ...item, job: index } })),
  );
  const items = stored.sort((a, b) => a.position - b.position).map(({ item }) => item);
  await writeItems(core, batchId, items);
  const kept = await Promise.all(jobs.map((job) => keepJob(core, job, fromBlock)));
  const record: BatchRecord = {
    version: 1,
    ...about,
    createdAtMs: core.clock.now(),
    chainId: core.network.chainId,
    market: core.network.market,
    buyer: core.account.address,
    itemCount,
    jobs: kept.map(({ job }) => job),
  };
  await writeRecord(core, record);
  return { record, inputs: new Map(kept.map(({ job, input }) => [job.jobId, input])) };
}

async function keepJob(
  core: SigningCore,
  job: JobQuote,
  fromBlock: bigint,
): Promise<{ job: JobRecord; input: JobInput }> {
  const secret = core.random();
  const nonce = BigInt(core.random());
  const { publicKey } = await encryptionKeysOf(identityFromBytes(hexToBytes(identitySecretOf(secret))));
  const itemCount = job.items.length;
  const { lotItems, fills, startBps } = job.split;
  const input = buildInput(job.items, secret);
  const record: JobRecord = {
    jobId: jobIdOf(core.network, core.account.address, nonce),
    modelName: job.model.spec.name,
    classHash: job.model.spec.classHash,
    secret,
    fills,
    fromBlock,
    request: {
      nonce,
      modelId: job.model.modelId,
      inputRoot: input.tree.root,
      auditRoot: auditTreeOf(secret, itemCount).root,
      encryptionKey: publicKey,
      auditor: job.auditor,
      itemCount,
      ...job.caps,
      promptLimitPerMillion: job.limits.promptPricePerMillion,
      outputLimitPerMillion: job.limits.outputPricePerMillion,
      startBps,
      rampSeconds: job.rampSeconds,
      turnaroundSeconds: job.turnaroundSeconds,
      // Claimers choose their lots' size; half of ours keeps gas in proportion and leaves them room.
      minLotItems: Math.ceil(lotItems / 2),
      // That bound says it already: all items count at the same caps.
      minLotValue: 0n,
    },
  };
  return { job: record, input };
}
