import { db } from "ponder:api";
import type { LiveBlock } from "@millrace/protocol";
import { sql } from "ponder";
import { createPublicClient, http } from "viem";
import { readConfig } from "../../../config.ts";
import { ApiError } from "./errors.ts";

export const { network } = readConfig(process.env);

const chain = createPublicClient({ transport: http(network.rpcUrl) });
let isCaughtUp = false;
/** The chain's head when it was first asked for: up to there it is history. */
let goal: number | undefined;
/** One at a time, so that none is older than the one before. */
let reading: Promise<Snapshot | undefined> | undefined;

/** What the tables tell of. */
interface Snapshot {
  status: LiveBlock;
  /** The time that the next block will have at least, as the client reckons it: a quiet local chain stands still. */
  now: number;
  /** Another one whenever something was written: blocks and times come again after a reorganisation. */
  version: string;
}

/**
 * Of which block the tables tell.
 *
 * @throws ApiError `not-ready` until all is read that there was when this began
 */
export async function readSnapshot(): Promise<Snapshot> {
  reading ??= readCheckpoint().finally(() => {
    reading = undefined;
  });
  const snapshot = await reading;
  if (!isCaughtUp) {
    goal ??= Number(await chain.getBlockNumber().catch(notReady));
    const block = snapshot?.status.block;
    if (block === undefined || block < goal) throw notReady(undefined, block);
    isCaughtUp = true;
  }
  return snapshot ?? notReady();
}

/**
 * The last block whose events are all in the tables.
 *
 * @throws ApiError `not-ready` as {@link readSnapshot}
 */
export const readStatus = async (): Promise<LiveBlock> => (await readSnapshot()).status;

function notReady(_cause?: unknown, block?: number): never {
  const progress = block === undefined || goal === undefined ? "" : ` It is at block ${block} of ${goal}.`;
  throw new ApiError(503, "not-ready", `The indexer still reads what happened before.${progress}`, [
    "Ask again in a few seconds.",
  ]);
}

/** @returns undefined while there is none */
async function readCheckpoint(): Promise<Snapshot | undefined> {
  // Written in the transaction in which a block's events are: `xmin` is its number.
  const result = await db.execute(
    sql`SELECT latest_checkpoint, xmin::text AS version FROM _ponder_checkpoint`,
  );
  const [row] = result.rows as { latest_checkpoint: string; version: string }[];
  if (!row) return undefined;
  // Ponder's encoding: 10 digits of the time, 16 of the chain, 16 of the block, and more.
  const digits = row.latest_checkpoint;
  const status = { time: Number(digits.slice(0, 10)), block: Number(digits.slice(26, 42)) };
  const now = Math.max(status.time, Math.floor(Date.now() / 1000));
  return { status, now, version: row.version };
}
