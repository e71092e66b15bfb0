import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { AbiEvent, Address, Block } from "viem";
import type { Chain } from "../chain/chain.ts";
import { toAgentError } from "../chain/rpcErrors.ts";
import type { BlockRef, Cursor } from "./cursor.ts";

export interface WatcherOptions<Log> {
  chain: Chain;
  cursor: Cursor;
  /** The contracts that are followed, and their events. */
  addresses: readonly Address[];
  /** Those that `Log` is one of. */
  events: readonly AbiEvent[];
  pollingIntervalMs: number;
  logger: Logger;
  signal: AbortSignal;
  /** Acts on a run of events, in order; may see some again after a crash or a reorg. */
  onLogs(logs: Log[]): Promise<void>;
  /** The chain took back what came after `block`. */
  onReorg(block: BlockRef | undefined): Promise<void>;
  /** The chain's clock jumped ahead of ours by more than it should. */
  onClockJump(): Promise<void>;
  onRpcError(): void;
}

export interface Watcher {
  /** Reads on until the signal aborts. */
  run(): Promise<void>;
  /** Milliseconds since the chain was last read to its head. */
  behindMs(): number;
}

const MAX_BLOCKS_PER_REQUEST = 2_000n;
const CLOCK_JUMP_SECONDS = 5;
const MAX_BACKOFF_MS = 15_000;
/** A saved cursor only spares re-reading, as every action may be repeated: quiet blocks need not be written down. */
const SAVE_EVERY_MS = 5_000;

/**
 * Follows the chain from its own cursor. A block is read when its hash follows from the last one read; when it does
 * not, the cursor goes back to where the branches part.
 */
export function createWatcher<Log>(options: WatcherOptions<Log>): Watcher {
  const { chain, cursor, logger, signal, pollingIntervalMs } = options;
  const { client, network } = chain;
  const { addresses, events } = options;
  let atHeadSince = performance.now();
  let savedAt = 0;
  let span = MAX_BLOCKS_PER_REQUEST;

  async function poll(): Promise<void> {
    const head = await client.getBlock({ blockTag: "latest" });
    const jump = chain.observe(head);
    if (head.hash !== cursor.last?.hash) await catchUp(head);
    if (Math.abs(jump) > CLOCK_JUMP_SECONDS) await options.onClockJump();
    atHeadSince = performance.now();
  }

  async function catchUp(head: Block<bigint, false, "latest">): Promise<void> {
    await findBranch(head);
    let from = cursor.last === undefined ? network.deployBlock : cursor.last.number + 1n;
    while (from <= head.number) {
      signal.throwIfAborted();
      const to = head.number - from < span ? head.number : from + span - 1n;
      const logs = await logsOf(from, to);
      if (!logs) continue;
      if (logs.length > 0) await options.onLogs(logs);
      const last = to === head.number ? head : await client.getBlock({ blockNumber: to });
      cursor.advance({ number: to, hash: last.hash });
      if (logs.length > 0 || performance.now() - savedAt > SAVE_EVERY_MS) {
        await cursor.save();
        savedAt = performance.now();
      }
      from = to + 1n;
    }
  }

  /** The events of a range; undefined if the endpoint wants shorter ones. */
  async function logsOf(fromBlock: bigint, toBlock: bigint): Promise<Log[] | undefined> {
    try {
      const logs = await client.getLogs({
        address: [...addresses],
        events,
        fromBlock,
        toBlock,
        strict: true,
      });
      span = span * 2n > MAX_BLOCKS_PER_REQUEST ? MAX_BLOCKS_PER_REQUEST : span * 2n;
      // The cast gives back what the list of events, built at run time, hides from the types.
      return logs as unknown as Log[];
    } catch (error) {
      if (fromBlock === toBlock) throw error;
      span = (toBlock - fromBlock + 1n) / 2n;
      logger.debug({ span: Number(span), error: String(error) }, "asking for fewer blocks at once");
      return undefined;
    }
  }

  /** Brings the cursor onto the branch of `head`. */
  async function findBranch(head: Block<bigint, false, "latest">): Promise<void> {
    const { last } = cursor;
    if (!last) return;
    if (head.number === last.number + 1n && head.parentHash === last.hash) return;
    for (const block of cursor.remembered()) {
      if (!(await isOnBranch(block, head))) continue;
      if (block.hash === last.hash) return;
      return rollBack(block);
    }
    return rollBack(undefined);
  }

  async function isOnBranch(block: BlockRef, head: Block<bigint, false, "latest">): Promise<boolean> {
    if (block.number > head.number) return false;
    if (block.number === head.number) return block.hash === head.hash;
    return (await client.getBlock({ blockNumber: block.number })).hash === block.hash;
  }

  async function rollBack(block: BlockRef | undefined): Promise<void> {
    logger.warn(
      { from: Number(cursor.last?.number), to: Number(block?.number ?? -1) },
      "the chain reorganised",
    );
    cursor.rollBack(block);
    await cursor.save();
    await options.onReorg(block);
  }

  return {
    behindMs: () => performance.now() - atHeadSince,
    async run() {
      let failures = 0;
      while (!signal.aborted) {
        try {
          await poll();
          failures = 0;
        } catch (error) {
          if (signal.aborted) return;
          failures++;
          options.onRpcError();
          logger.warn(
            { error: toAgentError("reading the chain", error).message, failures },
            "cannot read the chain",
          );
        }
        await sleep(delayMs(failures), undefined, { signal }).catch(() => {});
      }
    },
  };

  function delayMs(failures: number): number {
    if (failures === 0) return pollingIntervalMs;
    const cap = Math.min(MAX_BACKOFF_MS, pollingIntervalMs * 2 ** failures);
    return cap / 2 + (Math.random() * cap) / 2;
  }
}
