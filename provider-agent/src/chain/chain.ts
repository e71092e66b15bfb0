import {
  backersAbi,
  type LotState,
  localChainIds,
  type MarketParameters,
  type MarketRef,
  marketAbi,
  type Network,
  parametersAbi,
  unpackLotState,
} from "@millrace/protocol";
import {
  type Address,
  createPublicClient,
  type Hex,
  http,
  isAddressEqual,
  keccak256,
  maxUint256,
  type PublicClient,
  toHex,
} from "viem";
import { AgentError } from "../errors.ts";
import { createHistory, type History } from "./history.ts";
import { toAgentError } from "./rpcErrors.ts";

/** The time of day in milliseconds; injected, so that tests can move it. */
export type Clock = () => number;

/** One network as the agent reads it. */
export interface Chain extends History {
  readonly network: Network;
  readonly ref: MarketRef;
  /** The contract that proves objective faults, and takes answers to demands. */
  readonly faults: Address;
  readonly client: PublicClient;
  readonly isLocal: boolean;
  /** The blocks in which events of the contracts can be. */
  readonly past: { fromBlock: bigint; head: () => Promise<bigint> };
  /** Names this deployment apart from every other, also from one at the same addresses on a chain begun anew. */
  readonly deploymentId: string;
  /** Now, as the chain's clock has it, in Unix seconds: the last block's time and what passed since it was seen. */
  now(): number;
  /** Tells of a block just seen. Returns by how many seconds the chain's clock jumped ahead of ours. */
  observe(block: { number: bigint; timestamp: bigint }): number;
  /** The governed numbers that jobs of a version keep. Read once: no version changes, but by a reorg. */
  parameters(version: number): Promise<MarketParameters>;
  lotState(lotId: Hex): Promise<LotState>;
  openItems(jobId: Hex): Promise<{ from: number; items: number }>;
  account(address: Address): Promise<{ free: bigint; locked: bigint; offerEpoch: number; isBacked: boolean }>;
  /** Base units that backers of `provider` can still bear. */
  backing(provider: Address): Promise<bigint>;
  /** The most that `owner` may have locked after `operator` locked something for them; 0 for who is no operator. */
  collateralCap(owner: Address, operator: Address): Promise<bigint>;
  offerState(offerId: Hex): Promise<{ postedBy: Address; cancelled: boolean; filledItems: number }>;
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
  const versions = new Map<number, MarketParameters>();
  const history = createHistory({ client, network, faults, past });

  const chain: Chain = {
    network,
    ref: { chainId: network.chainId, market: network.market },
    faults,
    client,
    isLocal: localChainIds.includes(network.chainId),
    past,
    ...history,
    forget(jobId) {
      if (jobId === undefined) versions.clear();
      history.forget(jobId);
    },
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
      return unpackLotState(state);
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
    backing: (provider) =>
      read("reading a pool", () =>
        client.readContract({
          abi: backersAbi,
          address: network.backers,
          functionName: "unlockedAssets",
          args: [provider],
        }),
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
  };
  chain.observe(head);
  return chain;
}
