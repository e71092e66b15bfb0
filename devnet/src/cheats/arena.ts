import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type BatchEvent,
  type BatchResult,
  createMemoryState,
  createMillrace,
  type Millrace,
  type Verifier,
} from "@millrace/client";
import { createLlamaVerifier } from "@millrace/client/node";
import { createLlamaEngine, type Engine } from "@millrace/engine";
import { type ModelClass, type ModelSpec, type Network, parseAmount } from "@millrace/protocol";
import {
  type Agent,
  createAgent,
  type Juror,
  modelSpecOf,
  openStore,
  readModelClass,
  type Store,
} from "@millrace/provider-agent";
import { createRelay } from "@millrace/relay";
import { createPublicClient, http, type LocalAccount } from "viem";
import { localAccounts } from "../accounts.ts";
import { startChain } from "../chain.ts";
import { fund } from "../fund.ts";
import { folderPrefix, markOwned, removeLeftovers } from "../leftovers.ts";
import { readSlash, type Slash } from "./caught.ts";
import { createCheatingEngine } from "./cheatingEngine.ts";
import { type BookkeepingKind, deceits } from "./deceit.ts";
import { seatJurors } from "./jurors.ts";
import type { CheatKind } from "./kinds.ts";
import { type Money, readMoney } from "./money.ts";
import { storyRequests } from "./requests.ts";
import { ScriptedProvider } from "./scriptedProvider.ts";
import { passDeadline, passSeconds, skipIdlePhases } from "./skipAhead.ts";

/**
 * Those of a large model, so that what a receipt's demand costs is small beside a lot, as it is meant to be. The cheat
 * undercuts the honest provider by half, and so is bought.
 */
const prices = {
  cheat: { promptPricePerMillion: parseAmount("0.50"), outputPricePerMillion: parseAmount("1.50") },
  honest: { promptPricePerMillion: parseAmount("1.00"), outputPricePerMillion: parseAmount("3.00") },
};
/** For one lot's collateral and no second one: who was slashed is not to take the same items again. */
const CHEAT_DEPOSIT = 15_000n;
const BUYER_DEPOSIT = parseAmount("1");
const HONEST_DEPOSIT = parseAmount("100");
const TURNAROUND_SECONDS = 600;
/** The reopened lot rises to the honest provider's price at once. */
const RAMP_SECONDS = 1;
const SEQUENCES = 8;
const POLLING_MS = 100;
/** Different ones for cheats that follow each other: each begins with a clean record. */
const CHEAT_ACCOUNTS = 10;

export type Party = "buyer" | "cheat" | "honest" | "jurors" | "vault";

/** What came of one cheat. Amounts are base units of the asset. */
export interface Outcome {
  kind: CheatKind;
  cheat: LocalAccount;
  result: BatchResult;
  /** Undefined: it was not caught. */
  slash: Slash | undefined;
  /** What each party has in the Market, before the batch was opened and after it was settled. */
  before: Money<Party>;
  after: Money<Party>;
}

export interface PlayOptions {
  kind: CheatKind;
  /** Items of the batch, bought as one lot. Default: 16. */
  items?: number;
  onEvent?: (event: BatchEvent) => void;
  signal?: AbortSignal;
}

/** An honest provider's part: its engine does what engines do. */
export interface HonestOptions extends Omit<PlayOptions, "kind"> {
  /** With the arena's model; stays the caller's. */
  engine: Engine;
}

interface Seller {
  account: LocalAccount;
  items: number;
}

/** A local network with an honest provider, jurors and a buyer who checks, into which cheats are sent one by one. */
export interface Arena extends AsyncDisposable {
  readonly network: Network;
  readonly spec: ModelSpec;
  readonly honest: Agent;
  /** Lets a buyer buy a batch from a cheat, and follows it to its end. */
  play(options: PlayOptions): Promise<Outcome>;
  /** The same from an honest provider in the cheat's place, with an engine of its own. */
  playHonestly(options: HonestOptions): Promise<Omit<Outcome, "kind">>;
  /** Has the right weights, and serves whoever is honest here. */
  readonly engine: Engine;
}

/**
 * Starts an arena in this process. One engine with the right weights serves the honest provider, the jurors and the
 * buyer's checks.
 *
 * @param modelPath a GGUF file
 * @param onStep is told what is being started
 */
export async function startArena({
  modelPath,
  onStep = () => {},
  signal,
}: {
  modelPath: string;
  onStep?: (step: string) => void;
  signal?: AbortSignal;
}): Promise<Arena> {
  const stack = new AsyncDisposableStack();
  try {
    await removeLeftovers();
    const folder = await mkdtemp(folderPrefix);
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    await markOwned(folder);
    onStep("chain, relay and engine");
    const starting = {
      store: openStore({ folder: join(folder, "store"), fsync: false, signal }),
      chain: startChain(),
      engine: createLlamaEngine({
        modelPath,
        threads: 1,
        sequences: SEQUENCES,
        gpu: false,
        ...(signal && { signal }),
      }),
    };
    // They start beside each other, and are closed even if one of them fails.
    for (const one of Object.values(starting)) {
      stack.defer(async () => {
        const started: AsyncDisposable | undefined = await one.catch(() => undefined);
        await started?.[Symbol.asyncDispose]();
      });
    }
    const [store, chain, engine] = await Promise.all([starting.store, starting.chain, starting.engine]);
    const relay = stack.use(await createRelay({ folder: join(folder, "relay"), networks: [chain.network] }));
    const network: Network = { ...chain.network, relays: [relay.url] };

    const modelClass = await readModelClass(modelPath);
    const ground = { network, engine, modelPath, modelClass, store, folder };
    onStep("an honest provider");
    const account = localAccounts.provider(0);
    await fund(network, { account, mint: 0n, deposit: HONEST_DEPOSIT });
    const honest = stack.use(await startAgent(ground, { account, engine, prices: prices.honest }));
    let jurors: readonly Juror[] = [];
    if (modelClass.tolerance) {
      onStep("five jurors");
      const jury = stack.use(await seatJurors(network, { engine, modelClass, folder }));
      jurors = jury.jurors;
      await passSeconds(network, chain.deployment.courtParameters.activationSeconds + 1);
    }
    const arena = new LocalArena({ ...ground, honest, jurors });
    const owned = stack.move();
    return Object.assign(arena, { [Symbol.asyncDispose]: () => owned.disposeAsync() });
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

interface Ground {
  network: Network;
  engine: Engine;
  modelPath: string;
  modelClass: ModelClass;
  store: Store;
  folder: string;
  honest: Agent;
  jurors: readonly Juror[];
}

class LocalArena implements Omit<Arena, keyof AsyncDisposable> {
  readonly network: Network;
  readonly honest: Agent;
  readonly engine: Engine;
  readonly spec: ModelSpec;
  readonly #ground: Ground;
  readonly #verifier: Verifier;
  #played = 0;

  constructor(ground: Ground) {
    this.#ground = ground;
    this.#verifier = createLlamaVerifier(ground.engine);
    this.network = ground.network;
    this.honest = ground.honest;
    this.engine = ground.engine;
    this.spec = modelSpecOf(ground.engine, ground.modelClass);
  }

  async play({ kind, ...options }: PlayOptions): Promise<Outcome> {
    const start = (seller: Seller) => this.#sendCheat(kind, seller);
    // Agents defend themselves.
    const outcome = await this.#buyFrom(start, { ...options, doesAnswer: !isBookkeeping(kind) });
    return { kind, ...outcome };
  }

  playHonestly({ engine, ...options }: HonestOptions): Promise<Omit<Outcome, "kind">> {
    const start = ({ account, items: capacityItems }: Seller) =>
      startAgent(this.#ground, { account, engine, prices: prices.cheat, capacityItems });
    return this.#buyFrom(start, { ...options, doesAnswer: true });
  }

  /** Lets the buyer buy from the provider that `start` starts, with half of the honest one's price. */
  async #buyFrom(
    start: (seller: Seller) => Promise<AsyncDisposable>,
    {
      items = 16,
      onEvent = () => {},
      doesAnswer,
      signal,
    }: Omit<PlayOptions, "kind"> & { doesAnswer: boolean },
  ): Promise<Omit<Outcome, "kind">> {
    const { network } = this;
    const cheat = localAccounts.provider(1 + (this.#played++ % CHEAT_ACCOUNTS));
    await fund(network, { account: localAccounts.buyer, mint: 0n, deposit: BUYER_DEPOSIT });
    await fund(network, { account: cheat, mint: 0n, deposit: CHEAT_DEPOSIT });
    await using _seller = await start({ account: cheat, items });
    const fromBlock = await createPublicClient({ transport: http(network.rpcUrl) }).getBlockNumber();
    const parties = this.#parties(cheat);
    const before = await readMoney(network, parties);
    const over = new AbortController();
    const skipping = skipIdlePhases(network, {
      doesProviderAnswer: doesAnswer,
      signal: over.signal,
    });
    let result: BatchResult;
    try {
      result = await this.#buyer().batches.run({
        input: storyRequests({ model: this.spec.name, count: items }),
        lotItems: items,
        turnaroundSeconds: TURNAROUND_SECONDS,
        rampSeconds: RAMP_SECONDS,
        check: { verifiers: [this.#verifier] },
        onProgress: onEvent,
        ...(signal && { signal }),
      });
    } finally {
      over.abort();
      await skipping;
    }
    const after = await readMoney(network, parties);
    const slash = await readSlash(network, { provider: cheat.address, fromBlock });
    await this.#takeOut(cheat);
    return { cheat, result, slash, before, after };
  }

  /** Nobody takes an offer without collateral behind it: the next batch is not to be bought from who is gone. */
  async #takeOut(account: LocalAccount): Promise<void> {
    const millrace = createMillrace({ network: this.network, account });
    const { free } = await millrace.account.balance();
    if (free > 0n) await millrace.account.withdraw({ amount: free });
  }

  #buyer(): Millrace {
    return createMillrace({
      network: this.network,
      account: localAccounts.buyer,
      state: createMemoryState(),
    });
  }

  /** Starts a cheat and lets it post its offer. */
  async #sendCheat(kind: CheatKind, { account, items }: Seller): Promise<AsyncDisposable> {
    const { network, spec } = this;
    const { engine } = this.#ground;
    if (isBookkeeping(kind)) {
      return ScriptedProvider.start({
        network,
        account,
        engine,
        spec,
        terms: { ...prices.cheat, capacityItems: items },
        deceive: deceits[kind],
        onSilence: (deadline) => passDeadline(network, deadline),
      });
    }
    const stack = new AsyncDisposableStack();
    try {
      const { modelPath } = this.#ground;
      const cheating = stack.use(await createCheatingEngine(kind, { engine, modelPath }));
      stack.use(
        await startAgent(this.#ground, {
          account,
          engine: cheating,
          prices: prices.cheat,
          capacityItems: items,
        }),
      );
      cheating.cheats = true;
      return stack.move();
    } catch (error) {
      await stack.disposeAsync();
      throw error;
    }
  }

  #parties(cheat: LocalAccount) {
    const { network } = this;
    return {
      buyer: [localAccounts.buyer.address],
      cheat: [cheat.address],
      honest: [localAccounts.provider(0).address],
      // What they stake is the court's, in the ledger.
      jurors: [network.court],
      vault: [network.stakedMill],
    };
  }
}

function isBookkeeping(kind: CheatKind): kind is BookkeepingKind {
  return kind in deceits;
}

async function startAgent(
  { network, modelClass, store, folder }: Omit<Ground, "honest" | "jurors">,
  {
    account,
    engine,
    prices: offered,
    capacityItems = 1_000,
  }: {
    account: LocalAccount;
    engine: Engine;
    prices: (typeof prices)["honest"];
    capacityItems?: number;
  },
): Promise<Agent> {
  const agent = createAgent({
    network,
    account,
    engine,
    modelClass,
    store,
    folder: join(folder, account.address),
    offer: { ...offered, capacityItems, minTurnaroundSeconds: 60 },
    pollingIntervalMs: POLLING_MS,
  });
  await agent.start();
  return agent;
}
