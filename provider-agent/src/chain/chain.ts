import {
  type Job,
  type Lot,
  type LotStatus,
  localChainIds,
  lotStatuses,
  type MarketRef,
  marketAbi,
  type Network,
} from "@millrace/protocol";
import { type Address, createPublicClient, type Hex, http, keccak256, type PublicClient, toHex } from "viem";
import { AgentError } from "../errors.ts";
import { toAgentError } from "./rpcErrors.ts";
import { searchLogs } from "./searchLogs.ts";

/** The time of day in milliseconds; injected, so that tests can move it. */
export type Clock = () => number;

export interface LotState {
  status: LotStatus;
  /** Submitted: last second of the window. Open: when it reopened. */
  timestamp: number;
  amount: bigint;
  forfeit: bigint;
}

/** What the Market's parameters mean for us; seconds and basis points. */
export interface MarketTerms {
  collateralBps: number;
  penaltyBps: number;
  bountyBps: number;
  graceSeconds: number;
  submitGraceSeconds: number;
  bidSeconds: number;
  minLotCollateral: bigint;
}

/** One network as the agent reads it. */
export interface Chain {
  readonly network: Network;
  readonly ref: MarketRef;
  readonly client: PublicClient;
  readonly isLocal: boolean;
  readonly terms: MarketTerms;
  /** The blocks in which events of the contracts can be, for {@link searchLogs}. */
  readonly past: { fromBlock: bigint; head: () => Promise<bigint> };
  /** Names this deployment apart from every other, also from one at the same addresses on a chain begun anew. */
  readonly deploymentId: string;
  /** Now, as the chain's clock has it, in Unix seconds: the last block's time and what passed since it was seen. */
  now(): number;
  /** Tells of a block just seen. Returns by how many seconds the chain's clock jumped ahead of ours. */
  observe(block: { number: bigint; timestamp: bigint }): number;
  lotState(lotId: Hex): Promise<LotState>;
  openItems(jobId: Hex): Promise<{ from: number; items: number }>;
  account(address: Address): Promise<{ free: bigint; locked: bigint; offerEpoch: number }>;
  offerState(offerId: Hex): Promise<{ posted: boolean; cancelled: boolean; filledItems: number }>;
  /** The terms of a job, from its event. */
  job(jobId: Hex): Promise<Job | undefined>;
  /** Takes note of a job's terms as an event told them. */
  remember(jobId: Hex, job: Job): void;
  /** Forgets all terms: after a reorg the same id may stand for a job opened at another time. */
  forget(): void;
  /** The terms of a lot, from its event. */
  lot(lotId: Hex): Promise<Lot | undefined>;
}

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
  const [parameters, origin, head] = await read("reading the Market", () =>
    Promise.all([
      client.readContract({ ...market, functionName: "parameters" }),
      client.getBlock({ blockNumber: network.deployBlock }),
      client.getBlock(),
    ]),
  );

  const past = { fromBlock: network.deployBlock, head: () => client.getBlockNumber() };
  let headSeconds = 0;
  let seenAtMs = 0;
  const jobs = new Map<Hex, Job>();
  const chain: Chain = {
    network,
    ref: { chainId: network.chainId, market: network.market },
    client,
    isLocal: localChainIds.includes(network.chainId),
    terms: parameters,
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
    async lotState(lotId) {
      const state = await read("reading a lot", () =>
        client.readContract({ ...market, functionName: "lotState", args: [lotId] }),
      );
      return { ...state, status: lotStatuses[state.status]! };
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
    offerState: (offerId) =>
      read("reading an offer", () =>
        client.readContract({ ...market, functionName: "offerState", args: [offerId] }),
      ),
    async job(jobId) {
      const known = jobs.get(jobId);
      if (known) return known;
      const logs = await searchLogs(
        past,
        (range) =>
          client.getContractEvents({
            ...market,
            eventName: "JobOpened",
            args: { jobId },
            ...range,
            strict: true,
          }),
        hasSome,
      );
      const job = logs.at(-1)?.args.job;
      if (job) chain.remember(jobId, job);
      return job;
    },
    remember(jobId, job) {
      if (jobs.size > MAX_CACHED_JOBS) jobs.clear();
      jobs.set(jobId, job);
    },
    forget: () => jobs.clear(),
    async lot(lotId) {
      const logs = await searchLogs(
        past,
        (range) =>
          client.getContractEvents({
            ...market,
            eventName: "LotAssigned",
            args: { lotId },
            ...range,
            strict: true,
          }),
        hasSome,
      );
      return logs.at(-1)?.args.lot;
    },
  };
  chain.observe(head);
  return chain;
}

const MAX_CACHED_JOBS = 1_000;

const hasSome = (logs: readonly unknown[]) => logs.length > 0;
