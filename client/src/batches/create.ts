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
import { type Core, requireAccount, type SigningCore } from "../core/core.ts";
import { auditTreeOf } from "../input/auditSecrets.ts";
import { buildInput, identitySecretOf, type JobInput } from "../input/items.ts";
import type { TextSource } from "../input/lines.ts";
import { type BatchRequest, readRequests } from "../input/readRequests.ts";
import { readParameters } from "../market/readParameters.ts";
import { type BuyOptions, type JobQuote, type Quote, quoteRequests } from "../quote/quote.ts";
import { hashInput } from "./inputHash.ts";
import { openJobs } from "./openJobs.ts";
import { type BatchRecord, type JobRecord, writeItems, writeRecord } from "./record.ts";

export interface CreateBatchOptions extends BuyOptions {
  /** A file in OpenAI's batch format. */
  input: TextSource;
  /** Refuses to lock more than this for the batch, base units. Default: no limit but the balance. */
  maxReserve?: bigint;
  /** Called with the quote before anything is kept or spent; what it throws cancels. */
  onQuote?: (quote: Quote) => void | Promise<void>;
}

/**
 * Checks and prices a batch, keeps all that is needed to finish it, and opens its jobs (one for each model).
 *
 * Nothing is spent unless everything is in order: the file, the models, the limits, the balance, chain and relays.
 *
 * @throws what `quote` throws; MillraceError `no-account`, `market-paused` (retryable), `reserve-too-high`,
 * `insufficient-balance`, `relay-unreachable` (retryable), `wrong-chain`, `contract-refused`
 */
export async function createBatch(
  core: Core,
  { input, ...options }: CreateBatchOptions,
): Promise<BatchRecord> {
  const signing = requireAccount(core);
  const { record } = await prepareBatch(signing, await readRequests(input), options);
  await openJobs(signing, record);
  return record;
}

/** A batch as it is kept, and its jobs' inputs by id, which take long to build for large ones. */
export interface PreparedBatch {
  record: BatchRecord;
  inputs: ReadonlyMap<Hex, JobInput>;
}

/** All of {@link createBatch} that comes before the first transaction. */
export async function prepareBatch(
  core: SigningCore,
  requests: readonly BatchRequest[],
  { onQuote, maxReserve, ...options }: Omit<CreateBatchOptions, "input">,
): Promise<PreparedBatch> {
  await checkNetwork(core);
  await checkNotPaused(core);
  const quoted = await quoteRequests(core, requests, options);
  if (maxReserve !== undefined && quoted.reserve > maxReserve) {
    throw new MillraceError(`The batch reserves ${formatAmount(quoted.reserve)}.`, {
      code: "reserve-too-high",
      details: `At most ${formatAmount(maxReserve)} may be locked.`,
      hints: ["Lower max_tokens or the limits, split the file, or raise --max-reserve."],
    });
  }
  await onQuote?.(quoted);
  await checkBalance(core, quoted.reserve);
  return keepBatch(core, quoted, await hashInput(requests, options.model));
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
  inputHash: Hex,
): Promise<PreparedBatch> {
  const fromBlock = await withChainErrors(() => core.publicClient.getBlockNumber({ cacheTime: 0 }));
  const batchId = `batch_${core.random().slice(2, 26)}`;
  const stored = jobs.flatMap((job, index) =>
    job.items.map((item, i) => ({ position: job.positions[i]!, item: { ...item, job: index } })),
  );
  const items = stored.sort((a, b) => a.position - b.position).map(({ item }) => item);
  await writeItems(core, batchId, items);
  const kept = await Promise.all(jobs.map((job) => keepJob(core, job, fromBlock)));
  const record: BatchRecord = {
    version: 1,
    batchId,
    createdAtMs: core.clock.now(),
    chainId: core.network.chainId,
    market: core.network.market,
    buyer: core.account.address,
    inputHash,
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
