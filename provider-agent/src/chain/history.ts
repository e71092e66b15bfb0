import { faultsAbi, type Job, type Lot, marketAbi, type Network, type Submission } from "@millrace/protocol";
import {
  type Address,
  encodeEventTopics,
  formatLog,
  type GetContractEventsReturnType,
  type Hex,
  numberToHex,
  type PublicClient,
  parseEventLogs,
} from "viem";
import { toAgentError } from "./rpcErrors.ts";
import { searchLogs } from "./searchLogs.ts";

/** A demand for a receipt that waits for its answer. */
export interface OpenDemand {
  /** Counts from 0 within the lot. */
  index: number;
  /** Last second in which it can be answered. */
  deadline: number;
}

/** What only the contracts' events tell. */
export interface History {
  /** The terms of a job as they are now, from its events. */
  job(jobId: Hex): Promise<Job | undefined>;
  /** Takes note of a job's terms as its opening told them, unless newer ones are known. */
  remember(jobId: Hex, job: Job): void;
  /** Forgets the terms of one job, or all that is remembered: after a reorg the same id may stand for something else. */
  forget(jobId?: Hex): void;
  /** The terms of a lot, from its event. */
  lot(lotId: Hex): Promise<Lot | undefined>;
  /** What was submitted for a lot, from its event. */
  submission(lotId: Hex): Promise<Submission | undefined>;
  /** How a lot ended of which the Market keeps nothing; undefined if it was never assigned, or that is not seen yet. */
  endOf(lotId: Hex): Promise<"settled" | "lost" | undefined>;
  /** The demands for receipts of a lot that wait for an answer. */
  openDemands(lotId: Hex): Promise<OpenDemand[]>;
}

/** A lot that none of these ends, and whose slot is empty, was never assigned. */
const endings = ["LotSettled", "LotReleased", "LotExpired", "LotSlashed"] as const;

/** Reads and remembers the past of one deployment. */
export function createHistory({
  client,
  network,
  faults,
  past,
}: {
  client: PublicClient;
  network: Network;
  faults: Address;
  past: { fromBlock: bigint; head: () => Promise<bigint> };
}): History {
  const market = { abi: marketAbi, address: network.market } as const;
  const jobs = new Map<Hex, Job>();

  /** The Market's events of one kind about one job or lot, in the chain's order; of the newest at least one. */
  function newest<Name extends "JobOpened" | "JobToppedUp" | "LotAssigned" | "LotSubmitted">(
    eventName: Name,
    args: { jobId: Hex } | { lotId: Hex },
    fromBlock = past.fromBlock,
  ) {
    return searchLogs(
      { ...past, fromBlock },
      (range) =>
        client.getContractEvents({
          ...market,
          eventName,
          // The cast: the names above have these arguments, which the type cannot see through the union.
          args: args as never,
          ...range,
          strict: true,
        }) as Promise<GetContractEventsReturnType<typeof marketAbi, Name, true>>,
      hasSome,
    );
  }

  const history: History = {
    async job(jobId) {
      const known = jobs.get(jobId);
      if (known) return known;
      const opened = (await newest("JobOpened", { jobId })).at(-1);
      if (!opened) return undefined;
      const { job } = opened.args;
      // Prices only rise, and each event tells all of them.
      const raised = (await newest("JobToppedUp", { jobId }, opened.blockNumber)).at(-1);
      if (!raised) {
        history.remember(jobId, job);
        return job;
      }
      const { promptLimitPerMillion, outputLimitPerMillion } = raised.args;
      const request = { ...job.request, promptLimitPerMillion, outputLimitPerMillion };
      history.remember(jobId, { ...job, request });
      return { ...job, request };
    },
    remember(jobId, job) {
      if (jobs.has(jobId)) return;
      if (jobs.size > MAX_CACHED_JOBS) jobs.clear();
      jobs.set(jobId, job);
    },
    forget(jobId) {
      if (jobId === undefined) jobs.clear();
      else jobs.delete(jobId);
    },
    async lot(lotId) {
      return (await newest("LotAssigned", { lotId })).at(-1)?.args.lot;
    },
    async submission(lotId) {
      return (await newest("LotSubmitted", { lotId })).at(-1)?.args.submission;
    },
    async endOf(lotId) {
      // The Market's events begin with their own id and the lot's. viem cannot ask for several kinds by an argument.
      const kinds = endings.map((eventName) => encodeEventTopics({ abi: marketAbi, eventName })[0]);
      const logs = await searchLogs(
        past,
        async ({ fromBlock, toBlock }) => {
          const range = { fromBlock: numberToHex(fromBlock), toBlock: numberToHex(toBlock) };
          const found = await client.request({
            method: "eth_getLogs",
            params: [{ address: network.market, topics: [kinds, lotId], ...range }],
          });
          return found.map((log) => formatLog(log));
        },
        hasSome,
      );
      const end = parseEventLogs({ abi: marketAbi, eventName: [...endings], logs }).at(-1);
      if (!end) return undefined;
      return end.eventName === "LotSettled" ? "settled" : "lost";
    },
    async openDemands(lotId) {
      const demanded = await searchLogs(past, (range) =>
        client.getContractEvents({
          abi: faultsAbi,
          address: faults,
          eventName: "ReceiptDemanded",
          args: { lotId },
          ...range,
          strict: true,
        }),
      );
      const indices = [...new Set(demanded.map(({ args }) => args.index))];
      const demands = await Promise.all(
        indices.map(async (index) => ({
          index: Number(index),
          deadline: await client
            .readContract({
              abi: faultsAbi,
              address: faults,
              functionName: "answerDeadlineOf",
              args: [lotId, index],
            })
            .catch((cause: unknown) => {
              throw toAgentError("reading a demand", cause);
            }),
        })),
      );
      return demands.filter(({ deadline }) => deadline !== 0);
    },
  };
  return history;
}

const MAX_CACHED_JOBS = 1_000;

const hasSome = (logs: readonly unknown[]) => logs.length > 0;
