import { type Core, requireAccount } from "../core/core.ts";
import type { TextSource } from "../input/lines.ts";
import { readRequests } from "../input/readRequests.ts";
import { hashInput } from "./inputHash.ts";
import { type KeepOptions, keepOnce } from "./keepOnce.ts";
import { lockInput, lockRun } from "./locks.ts";
import { openJobs, unopenedJobs } from "./openJobs.ts";
import type { BatchRecord } from "./record.ts";

export interface CreateBatchOptions extends KeepOptions {
  /** A file in OpenAI's batch format. */
  input: TextSource;
}

/**
 * Checks and prices a batch, keeps all that is needed to finish it, and opens its jobs (one for each model).
 *
 * Nothing is spent unless everything is in order: the file, the models, the limits, the balance, chain and relays. Of an
 * unfinished batch of the same input those jobs are opened that are not open yet, at the terms that it was begun with.
 *
 * @throws what `quote` throws; MillraceError `no-account`, `market-paused` (retryable), `reserve-too-high`,
 * `insufficient-balance`, `relay-unreachable` (retryable), `wrong-chain`, `wallet-rejected`, `contract-refused`,
 * `partly-opened` (retryable), `locked` (the same is done elsewhere)
 */
export async function createBatch(
  core: Core,
  { input, ...options }: CreateBatchOptions,
): Promise<BatchRecord> {
  const signing = requireAccount(core);
  const requests = await readRequests(input);
  const inputHash = await hashInput(requests, options.model);
  await using _input = await lockInput(signing, inputHash);
  const { record } = await keepOnce(signing, { requests, inputHash }, options);
  if ((await unopenedJobs(signing, record)).length > 0) {
    await using _run = await lockRun(signing, record.batchId);
    await openJobs(signing, record);
  }
  return record;
}
