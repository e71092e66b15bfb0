import {
  faultsAbi,
  type Job,
  type Lot,
  type LotState,
  localChainIds,
  lotStatuses,
  type MarketParameters,
  type MarketRef,
  marketAbi,
  type Network,
  parametersAbi,
  type Submission,
} from "@millrace/protocol";
import {
  type Address,
  createPublicClient,
  encodeEventTopics,
  formatLog,
  type GetContractEventsReturnType,
  type Hex,
  http,
  isAddressEqual,
  keccak256,
  maxUint256,
  numberToHex,
  type PublicClient,
  parseEventLogs,
  toHex,
} from "viem";
import { AgentError } from "../errors.ts";
import { toAgentError } from "./rpcErrors.ts";
import { searchLogs } from "./searchLogs.ts";

/** The time of day in milliseconds; injected, so that tests can move it. */
export type Clock = () => number;

/** A demand for a receipt that waits for its answer. */
export interface OpenDemand {
  /** Counts from 0 within the lot. */
  index: number;
  /** Last second in which it can be answered. */
  deadline: number;
}

/** One network as the agent reads it. */
export interface Chain {
  readonly network: Network;
  readonly ref: MarketRef;
  /** The contract that proves objective faults, and takes answers to demands. */
  readonly faults: Address;
  readonly client: PublicClient;
  readonly isLocal: boolean;
  /** The blocks in which events of the contracts can be, for {@link searchLogs}. */
  readonly past: { fromBlock: bigint; head: () => Promise<bigint> };
  /** Names this deployment apart from every other, also from one at the same addresses on a chain begun anew. */
  readonly deploymentId: string;
  /** Now, as the chain's clock has it, in Unix seconds: the last block's time and what passed since it was seen. */
  now(): number;
  /** Tells of a block just seen. Returns by how many seconds the chain's clock jumped ahead of ours. */
  observe(block: { number: bigint; timestamp: bigint }): number;
  /** The governed numbers that jobs of a version keep. Read once: they never change. */
  parameters(version: number): Promise<MarketParameters>;
  lotState(lotId: Hex): Promise<LotState>;
  /** How a lot ended of which the Market keeps nothing; undefined if it was never assigned, or that is not seen yet. */
  endOf(lotId: Hex): Promise<"settled" | "lost" | undefined>;
  openItems(jobId: Hex): Promise<{ from: number; items: number }>;
  account(address: Address): Promise<{ free: bigint; locked: bigint; offerEpoch: number }>;
  /** The most that `owner` may have locked after `operator` locked something for them; 0 for who is no operator. */
  collateralCap(owner: Address, operator: Address): Promise<bigint>;
  offerState(offerId: Hex): Promise<{ postedBy: Address; cancelled: boolean; filledItems: number }>;
  /** The terms of a job as they are now, from its events. */
  job(jobId: Hex): Promise<Job | undefined>;
  /** Takes note of a job's terms as its opening told them, unless newer ones are known. */
  remember(jobId: Hex, job: Job): void;
  /** Forgets the terms of one job, or of all: after a reorg the same id may stand for a job opened at another time. */
  forget(jobId?: Hex): void;
  /** The terms of a lot, from its event. */
  lot(lotId: Hex): Promise<Lot | undefined>;
  /** What was submitted for a lot, from its event. */
  submission(lotId: Hex): Promise<Submission | undefined>;
  /** The demands for receipts of a lot that wait for an answer. */
  openDemands(lotId: Hex): Promise<OpenDemand[]>;
}

/** A lot that none of these ends, and whose slot is empty, was never assigned. */
const endings = ["LotSettled", "LotReleased", "LotExpired", "LotSlashed"] as const;

const RPC_TIMEOUT_MS = 15_000;

/**
 * Connects to a network and checks that it is the one described.
 *
 * @param retries of a request that failed in transit, with backoff. Default: 3.
 * @param signal ends requests under way, and all use of the connection
 * @throws AgentError `rpc-unavailable`, `wrong-chain`, `no-market`
 */
export async function connectChain(
  network: Network,
  { clock = Date.now, retries = 3, signal }: { clock?: Clock; retries?: number; signal?: AbortSignal } = {},
): Promise<Chain> {
  const client: PublicClient = createPublicClient({
    transport: http(network.rpcUrl, {
      retryCount: retries,
      retryDelay: 150,
      timeout: RPC_TIMEOUT_MS,
      ...(signal && { fetchOptions: { signal } }),
    }),
    // Reads of what a block changed must not come from before it.
    cacheTime: 0,
  });
  const market = { abi: marketAbi, address: network.market } as const;
  const read = async <T>(doing: string, reading: () => Promise<T>): Promise<T> => {
    try {
      return await reading();
    } catch (cause) {
      throw toAgentError(doing, cause);
    }
  };

  const chainId = await read("asking for the chain's id", () => client.getChainId());
  if (chainId !== network.chainId) {
    throw new AgentError(`The RPC endpoint serves chain ${chainId}, not ${network.chainId}.`, {
      code: "wrong-chain",
      hints: ["Check `rpcUrl` in the network's description."],
    });
  }
  const code = await read("reading the Market", () => client.getCode({ address: network.market }));
  if (!code || code === "0x") {
    throw new AgentError(`There is no Market at ${network.market}.`, { code: "no-market" });
  }
  const [parameters, faults, origin, head] = await read("reading the Market", () =>
    Promise.all([
      client.readContract({ ...market, functionName: "parameters" }),
      client.readContract({ ...market, functionName: "faults" }),
      client.getBlock({ blockNumber: network.deployBlock }),
      client.getBlock(),
    ]),
  );

  const past = { fromBlock: network.deployBlock, head: () => client.getBlockNumber() };
  let headSeconds = 0;
  let seenAtMs = 0;
  const jobs = new Map<Hex, Job>();
  const versions = new Map<number, MarketParameters>();

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

  const chain: Chain = {
    network,
    ref: { chainId: network.chainId, market: network.market },
    faults,
    client,
    isLocal: localChainIds.includes(network.chainId),
    past,
    deploymentId: keccak256(toHex(`${network.chainId}/${network.market.toLowerCase()}/${origin.hash}`)).slice(
      2,
      18,
    ),
    now: () => headSeconds + Math.floor((clock() - seenAtMs) / 1_000),
    observe({ timestamp }) {
      const before = chain.now();
      headSeconds = Number(timestamp);
      seenAtMs = clock();
      return headSeconds - before;
    },
    async parameters(version) {
      const known = versions.get(version);
      if (known) return known;
      const numbers = await read("reading the parameters", () =>
        client.readContract({
          abi: parametersAbi,
          address: parameters,
          functionName: "ofVersion",
          args: [version],
        }),
      );
      versions.set(version, numbers);
      return numbers;
    },
    async lotState(lotId) {
      const state = await read("reading a lot", () =>
        client.readContract({ ...market, functionName: "lotState", args: [lotId] }),
      );
      return { ...state, status: lotStatuses[state.status]! };
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
    async openItems(jobId) {
      const state = await read("reading a job", () =>
        client.readContract({ ...market, functionName: "jobState", args: [jobId] }),
      );
      return { from: state.openFrom, items: state.openItems };
    },
    account: (address) =>
      read("reading an account", () =>
        client.readContract({ ...market, functionName: "accountOf", args: [address] }),
      ),
    async collateralCap(owner, operator) {
      if (isAddressEqual(owner, operator)) return maxUint256;
      return read("reading an operator", () =>
        client.readContract({ ...market, functionName: "collateralCapOf", args: [owner, operator] }),
      );
    },
    offerState: (offerId) =>
      read("reading an offer", () =>
        client.readContract({ ...market, functionName: "offerState", args: [offerId] }),
      ),
    async job(jobId) {
      const known = jobs.get(jobId);
      if (known) return known;
      const opened = (await newest("JobOpened", { jobId })).at(-1);
      if (!opened) return undefined;
      const { job } = opened.args;
      // Prices only rise, and each event tells all of them.
      const raised = (await newest("JobToppedUp", { jobId }, opened.blockNumber)).at(-1);
      if (!raised) {
        chain.remember(jobId, job);
        return job;
      }
      const { promptLimitPerMillion, outputLimitPerMillion } = raised.args;
      const request = { ...job.request, promptLimitPerMillion, outputLimitPerMillion };
      chain.remember(jobId, { ...job, request });
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
          deadline: await read("reading a demand", () =>
            client.readContract({
              abi: faultsAbi,
              address: faults,
              functionName: "answerDeadlineOf",
              args: [lotId, index],
            }),
          ),
        })),
      );
      return demands.filter(({ deadline }) => deadline !== 0);
    },
  };
  chain.observe(head);
  return chain;
}

const MAX_CACHED_JOBS = 1_000;

const hasSome = (logs: readonly unknown[]) => logs.length > 0;
