import { localChainIds, type Network, randomSecret } from "@millrace/protocol";
import {
  type Chain,
  createPublicClient,
  defineChain,
  type Hex,
  http,
  type LocalAccount,
  type PublicClient,
  type Transport,
} from "viem";
import { getBalance } from "./account/balance.ts";
import { deposit } from "./account/deposit.ts";
import { withdraw } from "./account/withdraw.ts";
import { back } from "./backing/back.ts";
import { leave, withdrawBacking } from "./backing/leave.ts";
import { listBackings, readPool } from "./backing/pool.ts";
import { cancelBatch } from "./batches/cancel.ts";
import { checkBatch } from "./batches/check.ts";
import { createBatch } from "./batches/create.ts";
import { batchResults } from "./batches/results.ts";
import { listBatches, retrieveBatch } from "./batches/retrieve.ts";
import { runBatch } from "./batches/run.ts";
import { topUpBatch } from "./batches/topUp.ts";
import { createMarketVerifier, type MarketVerifierOptions } from "./check/marketVerifier.ts";
import { type Clock, systemClock } from "./core/clock.ts";
import type { Core } from "./core/core.ts";
import { createSender } from "./core/sender.ts";
import { listCases } from "./court/listCases.ts";
import { listModels } from "./market/listModels.ts";
import { listOffers } from "./market/listOffers.ts";
import { readParameters } from "./market/readParameters.ts";
import { quote } from "./quote/quote.ts";
import { createMemoryState } from "./state/memoryState.ts";
import type { StateStore } from "./state/stateStore.ts";

const LOCAL_POLLING_MS = 150;
const PUBLIC_POLLING_MS = 2_000;

export interface MillraceOptions {
  network: Network;
  /** Who pays and signs. Default: nobody; then only reading is possible. */
  account?: LocalAccount;
  /** How to reach the chain. Default: HTTP to the network's `rpcUrl`. */
  transport?: Transport;
  /** A client of the chain at hand, in place of `transport`. */
  publicClient?: PublicClient<Transport, Chain>;
  /** URLs. Default: the network's. */
  relays?: readonly string[];
  /** Where batches are kept. Default: memory, which loses a paid batch with the process; see `createFolderState`. */
  state?: StateStore;
  clock?: Clock;
  /** A fresh 32-byte secret. Default: from the platform's cryptographic source. */
  random?: () => Hex;
  /** How often the chain is asked for news. Default: 150 ms for local chains, 2 s for others. */
  pollingIntervalMs?: number;
}

export type Millrace = ReturnType<typeof createMillrace>;

/**
 * Makes a client of one market.
 *
 * @example
 * const millrace = createMillrace({ network, account, state: createFolderState("batches") });
 * const { batchId } = await millrace.batches.run({ input: createReadStream("requests.jsonl") });
 * for await (const line of millrace.batches.results({ batchId })) console.log(line);
 */
export function createMillrace(options: MillraceOptions) {
  const core = createCore(options);
  /** Gives an action its client, in viem's manner. */
  const bind =
    <O, R>(action: (core: Core, options: O) => R) =>
    (actionOptions: O): R =>
      action(core, actionOptions);
  return {
    network: core.network,
    account: {
      balance: (balanceOptions: Parameters<typeof getBalance>[1] = {}) => getBalance(core, balanceOptions),
      deposit: bind(deposit),
      withdraw: bind(withdraw),
    },
    batches: {
      create: bind(createBatch),
      run: bind(runBatch),
      retrieve: bind(retrieveBatch),
      check: bind(checkBatch),
      topUp: bind(topUpBatch),
      cancel: bind(cancelBatch),
      results: bind(batchResults),
      list: () => listBatches(core),
    },
    backing: {
      pool: bind(readPool),
      list: (listOptions: Parameters<typeof listBackings>[1] = {}) => listBackings(core, listOptions),
      add: bind(back),
      leave: bind(leave),
      withdraw: bind(withdrawBacking),
    },
    /** Checks by other providers' scores, for those who lack the model. */
    marketVerifier: (verifierOptions: MarketVerifierOptions = {}) =>
      createMarketVerifier(core, verifierOptions),
    cases: {
      list: (casesOptions: Parameters<typeof listCases>[1] = {}) => listCases(core, casesOptions),
    },
    models: { list: () => listModels(core) },
    offers: {
      list: (offersOptions: Parameters<typeof listOffers>[1] = {}) => listOffers(core, offersOptions),
    },
    parameters: () => readParameters(core),
    quote: bind(quote),
  };
}

function createCore(options: MillraceOptions): Core {
  const { network, account } = options;
  const isLocal = localChainIds.includes(network.chainId);
  const pollingIntervalMs = options.pollingIntervalMs ?? (isLocal ? LOCAL_POLLING_MS : PUBLIC_POLLING_MS);
  const publicClient =
    options.publicClient ??
    createPublicClient({
      chain: chainOf(network),
      transport: options.transport ?? http(network.rpcUrl, { batch: true }),
      pollingInterval: pollingIntervalMs,
    });
  const random = options.random ?? randomSecret;
  return {
    network,
    publicClient,
    account,
    sender: account && createSender({ publicClient, account, random, pollingIntervalMs }),
    relays: options.relays ?? network.relays,
    state: options.state ?? createMemoryState(),
    clock: options.clock ?? systemClock,
    random,
    pollingIntervalMs,
  };
}

function chainOf({ chainId, name, rpcUrl }: Network): Chain {
  return defineChain({
    id: chainId,
    name,
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
  });
}
