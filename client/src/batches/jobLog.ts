import { marketAbi } from "@millrace/protocol";
import { type ContractEventName, getAbiItem, type Hex, toEventSelector } from "viem";
import { withChainErrors } from "../core/chainErrors.ts";
import type { Core } from "../core/core.ts";
import { type MarketLog, readLogs } from "../core/logs.ts";

/** Blocks at the head that are read again each time, as a reorg may replace them. */
const REORG_BLOCKS = 64n;

const selector = (name: ContractEventName<typeof marketAbi>) =>
  toEventSelector(getAbiItem({ abi: marketAbi, name }));

/** Events with the job's id in the first topic, and those of its lots, with it in the second. */
const JOB_EVENTS = (["JobOpened", "FillSkipped", "JobClosed"] as const).map(selector);
const LOT_EVENTS = (
  ["LotAssigned", "LotSubmitted", "LotSettled", "LotReleased", "LotExpired", "LotClosed"] as const
).map(selector);

/** A job's events, read again and again. */
export interface JobLog {
  /** All events up to the head, in order; the same array while nothing changed. */
  poll(): Promise<readonly MarketLog[]>;
}

/** Follows a job's events. What lies deep enough is kept; the last blocks are read anew, so a reorg leaves no trace. */
export function followJob(core: Core, { jobId, fromBlock }: { jobId: Hex; fromBlock: bigint }): JobLog {
  const address = core.network.market;
  let settled: MarketLog[] = [];
  let nextBlock = fromBlock;
  let latest: readonly MarketLog[] = [];
  let latestFingerprint = "";
  return {
    async poll() {
      const toBlock = await withChainErrors(() => core.publicClient.getBlockNumber({ cacheTime: 0 }));
      const range = { address, fromBlock: nextBlock, toBlock };
      const found = await Promise.all([
        readLogs(core, { ...range, topics: [JOB_EVENTS, jobId] }),
        readLogs(core, { ...range, topics: [LOT_EVENTS, null, jobId] }),
      ]);
      const recent = found.flat().sort(byPosition);
      const all = [...settled, ...recent];
      const isDeep = (log: MarketLog) => log.blockNumber + REORG_BLOCKS < toBlock;
      if (recent.some(isDeep)) settled = all.filter(isDeep);
      if (toBlock > REORG_BLOCKS && toBlock - REORG_BLOCKS > nextBlock) nextBlock = toBlock - REORG_BLOCKS;
      const seen = `${all.length} ${fingerprint(recent)}`;
      if (seen !== latestFingerprint) latest = all;
      latestFingerprint = seen;
      return latest;
    },
  };
}

const byPosition = (a: MarketLog, b: MarketLog) =>
  a.blockNumber === b.blockNumber ? a.logIndex - b.logIndex : Number(a.blockNumber - b.blockNumber);

/** Reorgs change a block's hash, so count and last position alone do not tell. */
const fingerprint = (logs: readonly MarketLog[]) =>
  logs.map(({ blockHash, logIndex }) => `${blockHash}:${logIndex}`).join();
