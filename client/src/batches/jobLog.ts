import { courtAbi, marketAbi } from "@millrace/protocol";
import { type ContractEventName, getAbiItem, type Hex, toEventSelector } from "viem";
import { withChainErrors } from "../core/chainErrors.ts";
import type { Core } from "../core/core.ts";
import { type MarketLog, readLogs } from "../core/logs.ts";

/** Blocks at the head that are read again each time, as a reorg may replace them. */
const REORG_BLOCKS = 64n;

const selector = (name: ContractEventName<typeof marketAbi>) =>
  toEventSelector(getAbiItem({ abi: marketAbi, name }));

/** Events with the job's id in the first topic, and those of its lots, with it in the second. */
const JOB_EVENTS = (["JobOpened", "FillSkipped", "JobToppedUp", "JobClosed"] as const).map(selector);
const LOT_EVENTS = (
  [
    "LotAssigned",
    "LotSubmitted",
    "LotSettled",
    "LotReleased",
    "LotExpired",
    "LotSlashed",
    "LotToppedUp",
    "LotClosed",
  ] as const
).map(selector);
/** These have no more than the lot's id. */
const HOLD_EVENTS = (["LotHeld", "LotResumed"] as const).map(selector);
const courtSelector = (name: ContractEventName<typeof courtAbi>) =>
  toEventSelector(getAbiItem({ abi: courtAbi, name }));
/** By which the court takes up a lot: with the job's id in the second topic. */
const CASE_OPENINGS = (["CaseOpened", "DeliveryDemanded"] as const).map(courtSelector);
/** What follows: with the lot's id alone. */
const CASE_EVENTS = (
  [
    "CaseAnswered",
    "EvidenceOpened",
    "JuryArmed",
    "JuryDrawn",
    "KeysShared",
    "VoteCommitted",
    "RevealOpened",
    "VoteRevealed",
    "JuryFailed",
    "CaseDecided",
    "CaseAppealed",
    "CaseConcluded",
    "DeliveryAnswered",
    "DeliveryConcluded",
  ] as const
).map(courtSelector);
/** Nodes bound how many alternatives a topic may have. */
const MOST_ALTERNATIVES = 100;

/** A job's events, read again and again. */
export interface JobLog {
  /** All events up to the head, in order; the same array while nothing changed. */
  poll(): Promise<readonly MarketLog[]>;
}

/** Follows a job's events. What lies deep enough is kept; the last blocks are read anew, so a reorg leaves no trace. */
export function followJob(core: Core, { jobId, fromBlock }: { jobId: Hex; fromBlock: bigint }): JobLog {
  const { market: address, court } = core.network;
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
        readLogs(core, { ...range, address: court, topics: [CASE_OPENINGS, null, jobId] }),
      ]);
      const held = await readOfLots(core, {
        range,
        events: HOLD_EVENTS,
        lotIds: committedLots([...settled, ...found.flat()]),
      });
      const cases = await readOfLots(core, {
        range: { ...range, address: court },
        events: CASE_EVENTS,
        lotIds: lotsWithCases([...settled, ...found.flat()]),
      });
      const recent = [...found.flat(), ...held, ...cases].sort(byPosition);
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

/** Lots that were submitted and are not over. */
function committedLots(logs: readonly MarketLog[]): Hex[] {
  const lots = new Set<Hex>();
  for (const log of logs) {
    if (log.eventName === "LotSubmitted") lots.add(log.args.lotId);
  }
  for (const log of logs) {
    if (log.eventName === "LotSettled" || log.eventName === "LotSlashed") lots.delete(log.args.lotId);
  }
  return [...lots];
}

/** Lots that the court took up, whatever became of them since. */
function lotsWithCases(logs: readonly MarketLog[]): Hex[] {
  const isOpening = (log: MarketLog) =>
    log.eventName === "CaseOpened" || log.eventName === "DeliveryDemanded";
  return [...new Set(logs.flatMap((log) => (isOpening(log) ? [(log.args as { lotId: Hex }).lotId] : [])))];
}

async function readOfLots(
  core: Core,
  {
    range,
    events,
    lotIds,
  }: {
    range: { address: Hex; fromBlock: bigint; toBlock: bigint };
    events: Hex[];
    lotIds: readonly Hex[];
  },
): Promise<MarketLog[]> {
  const found: MarketLog[] = [];
  for (let start = 0; start < lotIds.length; start += MOST_ALTERNATIVES) {
    const some = lotIds.slice(start, start + MOST_ALTERNATIVES);
    found.push(...(await readLogs(core, { ...range, topics: [events, some] })));
  }
  return found;
}

const byPosition = (a: MarketLog, b: MarketLog) =>
  a.blockNumber === b.blockNumber ? a.logIndex - b.logIndex : Number(a.blockNumber - b.blockNumber);

/** Reorgs change a block's hash, so count and last position alone do not tell. */
const fingerprint = (logs: readonly MarketLog[]) =>
  logs.map(({ blockHash, logIndex }) => `${blockHash}:${logIndex}`).join();
