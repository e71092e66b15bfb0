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
import { setBuyerOperator, setProviderOperator } from "./account/operators.ts";
import { withdraw } from "./account/withdraw.ts";
import { back } from "./backing/back.ts";
import { leave, withdrawBacking } from "./backing/leave.ts";
import { listBackings, readPool } from "./backing/pool.ts";
import { cancelBatch } from "./batches/cancel.ts";
import { cancelJob } from "./batches/cancelJob.ts";
import { checkBatch } from "./batches/check.ts";
import { createBatch } from "./batches/create.ts";
import { batchItems } from "./batches/items.ts";
import { acceptLots, expireLots, settleLots } from "./batches/lotsByHand.ts";
import { readJob } from "./batches/readJob.ts";
import { batchResults } from "./batches/results.ts";
import { listBatches, retrieveBatch } from "./batches/retrieve.ts";
import { runBatch } from "./batches/run.ts";
import { quoteTopUp, topUpBatch } from "./batches/topUp.ts";
import { createMarketVerifier, type MarketVerifierOptions } from "./check/marketVerifier.ts";
import { type Clock, systemClock } from "./core/clock.ts";
import type { Core } from "./core/core.ts";
import { createSender } from "./core/sender.ts";
import { signerOf, type Wallet } from "./core/signer.ts";
import { challengeItem } from "./court/challengeItem.ts";
import { challengeTerms } from "./court/challengeTerms.ts";
import { listCases } from "./court/listCases.ts";
import { cancelProposal, executeProposal, queueProposal } from "./governance/advance.ts";
import { readStakePosition } from "./governance/position.ts";
import { listProposals, retrieveProposal } from "./governance/proposals.ts";
import { propose } from "./governance/propose.ts";
import { readGoverned, readParametersHistory } from "./governance/readGoverned.ts";
import { readRules } from "./governance/rules.ts";
import { beginExit, cancelExit, claimFees, delegate, stake, withdrawStake } from "./governance/stake.ts";
import { vote } from "./governance/vote.ts";
import { createIndexerClient } from "./indexer/createIndexerClient.ts";
import { listModels } from "./market/listModels.ts";
import { listOffers } from "./market/listOffers.ts";
import { readParameters } from "./market/readParameters.ts";
import { batchAnswers, verifiedLots } from "./output/keptAnswers.ts";
import { quote } from "./quote/quote.ts";
import { createMemoryState } from "./state/memoryState.ts";
import type { StateStore } from "./state/stateStore.ts";

const LOCAL_POLLING_MS = 150;
const PUBLIC_POLLING_MS = 2_000;

export interface MillraceOptions {
  network: Network;
  /**
   * Who pays and signs: a key at hand, or a wallet with its account, which asks its user. Default: nobody; then only
   * reading is possible.
   */
  account?: LocalAccount | Wallet;
  /** How to reach the chain. Default: HTTP to the network's `rpcUrl`. */
  transport?: Transport;
  /** A client of the chain at hand, in place of `transport`. */
  publicClient?: PublicClient<Transport, Chain>;
  /** URLs. Default: the network's. */
  relays?: readonly string[];
  /** URLs; none for straight from the chain. Default: the network's. */
  indexers?: readonly string[];
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
      setBuyerOperator: bind(setBuyerOperator),
      setProviderOperator: bind(setProviderOperator),
    },
    batches: {
      create: bind(createBatch),
      run: bind(runBatch),
      retrieve: bind(retrieveBatch),
      check: bind(checkBatch),
      quoteTopUp: bind(quoteTopUp),
      topUp: bind(topUpBatch),
      cancel: bind(cancelBatch),
      verifiedLots: bind(verifiedLots),
      answers: bind(batchAnswers),
      items: bind(batchItems),
      results: bind(batchResults),
      list: (listOptions: Parameters<typeof listBatches>[1] = {}) => listBatches(core, listOptions),
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
      terms: bind(challengeTerms),
      challenge: bind(challengeItem),
    },
    governance: {
      parameters: () => readGoverned(core),
      history: () => readParametersHistory(core),
      rules: () => readRules(core),
      proposals: { list: () => listProposals(core), retrieve: bind(retrieveProposal) },
      propose: bind(propose),
      vote: bind(vote),
      queue: bind(queueProposal),
      execute: bind(executeProposal),
      cancel: bind(cancelProposal),
      position: (positionOptions: Parameters<typeof readStakePosition>[1] = {}) =>
        readStakePosition(core, positionOptions),
      stake: bind(stake),
      delegate: bind(delegate),
      beginExit: (exitOptions: Parameters<typeof beginExit>[1] = {}) => beginExit(core, exitOptions),
      cancelExit: () => cancelExit(core),
      withdraw: () => withdrawStake(core),
      claimFees: (claimOptions: Parameters<typeof claimFees>[1] = {}) => claimFees(core, claimOptions),
    },
    jobs: { retrieve: bind(readJob), cancel: bind(cancelJob) },
    lots: { accept: bind(acceptLots), settle: bind(settleLots), expire: bind(expireLots) },
    models: { list: () => listModels(core) },
    offers: {
      list: (offersOptions: Parameters<typeof listOffers>[1] = {}) => listOffers(core, offersOptions),
    },
    parameters: () => readParameters(core),
    quote: bind(quote),
  };
}

function createCore(options: MillraceOptions): Core {
  const { network } = options;
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
  const account = options.account && signerOf(options.account, publicClient);
  return {
    network,
    publicClient,
    account,
    sender: account && createSender({ publicClient, signer: account, random, pollingIntervalMs }),
    relays: options.relays ?? network.relays,
    indexers: (options.indexers ?? network.indexers ?? []).map((url) => createIndexerClient({ url })),
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
