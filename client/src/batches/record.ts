import { type Fill, type JobRequest, MillraceError } from "@millrace/protocol";
import type { Address, Hex } from "viem";
import type { Core } from "../core/core.ts";
import type { JobItem } from "../input/items.ts";
import { decodeJson, encodeJson } from "../state/json.ts";

/** What is kept of one job, from before it is opened. */
export interface JobRecord {
  jobId: Hex;
  modelName: string;
  classHash: Hex;
  /** From which salts, audit secrets and the encryption identity derive; known to nobody else. */
  secret: Hex;
  request: JobRequest;
  fills: Fill[];
  /** The job's events are in later blocks only. */
  fromBlock: bigint;
}

/**
 * What is kept of a batch. Written whole before its first transaction, so that a client killed at any time finds its
 * jobs, its secrets and its requests again.
 */
export interface BatchRecord {
  version: 1;
  batchId: string;
  createdAtMs: number;
  chainId: number;
  market: Address;
  buyer: Address;
  /** What the input is, to find the batch of a file again. */
  inputHash: Hex;
  itemCount: number;
  jobs: JobRecord[];
  /** Whatever its user keeps with it. */
  metadata?: Record<string, string>;
  /** Set for what the client orders by itself: other providers' scores. */
  purpose?: "scores";
  /** Set from before its first transaction until that is known to have come to nothing: its jobs may be open. */
  isBegun?: true;
  /** Set when nothing of the batch is in flight any more. */
  finishedAtMs?: number;
}

/** An item as it is kept: in the batch's order, with the job that it belongs to. */
interface StoredItem extends JobItem {
  job: number;
}

const recordKey = (batchId: string) => `batches/${batchId}/record.json`;
const itemsKey = (batchId: string) => `batches/${batchId}/items.jsonl`;

export async function writeRecord({ state }: Core, record: BatchRecord): Promise<void> {
  await state.write(recordKey(record.batchId), encodeJson(record));
}

/** @throws MillraceError `unknown-batch`, `other-network` */
export async function readRecord({ state, network }: Core, batchId: string): Promise<BatchRecord> {
  const text = /^[\w-]+$/.test(batchId) ? await state.read(recordKey(batchId)) : undefined;
  if (text === undefined) {
    throw new MillraceError(`No batch ${JSON.stringify(batchId)} is known here.`, {
      code: "unknown-batch",
    });
  }
  const record = decodeJson<BatchRecord>(text);
  if (record.chainId !== network.chainId || record.market.toLowerCase() !== network.market.toLowerCase()) {
    throw new MillraceError(`Batch ${batchId} belongs to another network.`, {
      code: "other-network",
      details: `It runs on chain ${record.chainId}, market ${record.market}.`,
    });
  }
  return record;
}

/** All batches kept here, of any network, newest first. */
export async function listRecords({ state }: Core): Promise<BatchRecord[]> {
  const records: BatchRecord[] = [];
  for (const batchId of await state.list("batches")) {
    const text = await state.read(recordKey(batchId));
    if (text !== undefined) records.push(decodeJson<BatchRecord>(text));
  }
  return records.sort((a, b) => b.createdAtMs - a.createdAtMs);
}

export async function writeItems(
  { state }: Core,
  batchId: string,
  items: Iterable<StoredItem>,
): Promise<void> {
  const lines = function* () {
    for (const item of items) yield JSON.stringify(item);
  };
  await state.writeLines(itemsKey(batchId), lines());
}

/** The items of each of a batch's jobs, with where each stands in the batch. */
export async function readItems(
  { state }: Core,
  { batchId, jobs, itemCount }: BatchRecord,
): Promise<{ items: JobItem[]; positions: number[] }[]> {
  const byJob = jobs.map(() => ({ items: [] as JobItem[], positions: [] as number[] }));
  let position = 0;
  for await (const line of state.readLines(itemsKey(batchId))) {
    const { job, ...item } = JSON.parse(line) as StoredItem;
    byJob[job]!.items.push(item);
    byJob[job]!.positions.push(position++);
  }
  if (position !== itemCount) {
    throw new MillraceError(`The requests of batch ${batchId} are damaged.`, {
      code: "damaged-state",
      details: `${position} of ${itemCount} items are there.`,
    });
  }
  return byJob;
}
