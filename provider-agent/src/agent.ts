import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "@millrace/engine";
import { modelIdOf, type Network, refuseDevelopmentKey } from "@millrace/protocol";
import { type Logger, pino } from "pino";
import type { Hex, LocalAccount } from "viem";
import { type Chain, type Clock, connectChain } from "./chain/chain.ts";
import { createTransactions } from "./chain/transactions.ts";
import { createClaimer } from "./claim/claimer.ts";
import { createSettler } from "./collect/settler.ts";
import { type Chance, chanceId, createDecider } from "./decide/decider.ts";
import { backlogOf, secondsPerItem } from "./decide/workload.ts";
import { createMetrics } from "./http/metrics.ts";
import { type StatusServer, startStatusServer } from "./http/server.ts";
import { createItemPool } from "./infer/itemPool.ts";
import { loadSecrets } from "./keys/secrets.ts";
import type { StageContext } from "./lots/context.ts";
import { fromJson, toJson } from "./lots/files.ts";
import { openLotBook } from "./lots/lotBook.ts";
import { createLotRunner, type LotTask } from "./lots/lotRunner.ts";
import { modelSpecOf } from "./modelSpec.ts";
import { createOfferKeeper, DEFAULT_MIN_TURNAROUND_SECONDS, type OfferTerms } from "./offers/offers.ts";
import { publishModel } from "./offers/publishModel.ts";
import { openTaskQueue, type TaskQueue } from "./queue/queues.ts";
import { becomeSoleAgent } from "./queue/soleAgent.ts";
import type { AgentStatus } from "./status.ts";
import { openStore, type Store } from "./store/openStore.ts";
import { createSubmitter } from "./submit/submitter.ts";
import { openCursor } from "./watch/cursor.ts";
import { createMarketEvents } from "./watch/marketEvents.ts";
import { createWatcher } from "./watch/watcher.ts";

export interface AgentOptions {
  network: Network;
  /** Signs transactions and blobs, and holds the collateral. */
  account: LocalAccount;
  /** Stays the caller's: close it after the agent. */
  engine: Engine;
  /** Keeps keys, the cursor and the lots under way. */
  folder: string;
  /** An open database; stays the caller's. */
  store?: Pick<Store, "connectionString"> | undefined;
  /** A PostgreSQL server of the owner's, if no `store` is given. Default: one is run in the folder. */
  databaseUrl?: string | undefined;
  offer: OfferTerms;
  /** Where status and metrics are served. Default: any free port on loopback. */
  http?: { host?: string; port?: number } | undefined;
  /** Lots fetched or computed at once, at most. Default: 3. */
  maxLots?: number | undefined;
  /** How long a claimed lot should take. Default: 20 s. */
  targetLotSeconds?: number | undefined;
  /** What one lot costs in gas, in base units of the asset; less is not worth claiming. Default: 0. */
  gasCostPerLot?: bigint | undefined;
  /** Wei per gas at most. Default: no limit. */
  maxFeePerGas?: bigint | undefined;
  /** Default: 200 ms on a local chain, else 2 s. */
  pollingIntervalMs?: number | undefined;
  /** How long folders of finished lots are kept. Default: one day. */
  retentionMs?: number | undefined;
  /** Default: silent. */
  logger?: Logger | undefined;
  clock?: Clock | undefined;
  /** Closes the agent. */
  signal?: AbortSignal | undefined;
}

/** A provider's agent: takes paid lots and runs them. */
export interface Agent extends AsyncDisposable {
  /**
   * Publishes the model, posts the offer, takes up what a former run left, and works until closed.
   *
   * @throws MillraceError of the chain, the store or the status server
   */
  start(): Promise<void>;
  /** Where `/status`, `/healthz` and `/metrics` are, once started. */
  readonly url: string;
  readonly modelId: Hex;
  status(): AgentStatus;
  /** Begins nothing new, puts down what is under way so that a later start goes on with it, and lets go of everything. */
  close(): Promise<void>;
}

const DEFAULT_MAX_LOTS = 3;
const DEFAULT_TARGET_LOT_SECONDS = 20;
const DEFAULT_RETENTION_MS = 24 * 3_600_000;
const MAINTENANCE_MS = 60_000;
/** Requests that the engine can prepare while all its sequences are busy. */
const PREPARED_ITEMS = 2;
/** Lots whose relays, transactions and windows are waited for at once. */
const WAITING_LOTS = 256;
const COMPUTING_LOTS = 8;

/**
 * Makes an agent; nothing happens before {@link Agent.start}.
 *
 * @throws MillraceError `development-key` if the account is a well-known one and the chain is not local
 * @example
 * await using agent = createAgent({ network, account, engine, folder, offer });
 * await agent.start();
 */
export function createAgent(options: AgentOptions): Agent {
  const { network, account, engine, folder, clock = Date.now } = options;
  const logger = options.logger ?? pino({ level: "silent" });
  refuseDevelopmentKey(network.chainId, account.address);
  const spec = modelSpecOf(engine.model, engine.contextTokens);
  const modelId = modelIdOf(spec);
  const stopping = new AbortController();
  const { signal } = stopping;
  const resources = new AsyncDisposableStack();
  const metrics = createMetrics(() => agent.status());
  let server: StatusServer | undefined;
  let parts:
    | {
        lots: () => AgentStatus["lots"];
        offer: () => AgentStatus["offer"];
        earned: () => bigint;
        behindMs: () => number;
      }
    | undefined;
  let started: Promise<void> | undefined;
  let closed: Promise<void> | undefined;

  async function start(): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const [chain, store] = await Promise.all([connectChain(network, { clock }), openOwnStore()]);
    // Everything kept is bound to one provider on one deployment: another gets a place of its own.
    const id = `${chain.deploymentId}-${account.address.slice(2).toLowerCase()}`;
    const home = join(folder, chain.deploymentId);
    const sole = await becomeSoleAgent(store.connectionString, id);
    resources.defer(() => sole.close());
    await work({ chain, connectionString: store.connectionString, id, home });
  }

  async function openOwnStore(): Promise<Pick<Store, "connectionString">> {
    if (options.store) return options.store;
    const { databaseUrl } = options;
    return resources.use(await openStore({ databaseUrl, folder: join(folder, "store"), signal }));
  }

  async function work({
    chain,
    connectionString,
    id,
    home,
  }: {
    chain: Chain;
    connectionString: string;
    id: string;
    home: string;
  }): Promise<void> {
    const [secrets, book, cursor] = await Promise.all([
      loadSecrets(folder),
      openLotBook(join(home, "lots")),
      openCursor(join(home, "cursor.json")),
    ]);
    const { onGas, onItem } = metrics;
    const path = join(home, "transaction.json");
    const { maxFeePerGas, maxLots = DEFAULT_MAX_LOTS } = options;
    const transactions = createTransactions({ chain, account, path, logger, signal, maxFeePerGas, onGas });
    const context: StageContext = {
      chain,
      account,
      engine,
      secrets,
      transactions,
      logger,
      signal,
      onItem,
      itemPool: createItemPool({ slots: engine.sequences + PREPARED_ITEMS }),
      submitter: createSubmitter({ chain, transactions }),
      settler: createSettler({ chain, transactions }),
    };

    const speed = () => ({ tokensPerSecond: tokensPerSecond(), contextTokens: engine.contextTokens });
    const backlog = () =>
      backlogOf(
        book.all().map(({ lot, job, itemsDone, submitted }) => ({
          itemsLeft: submitted ? 0 : lot.itemCount - itemsDone,
          caps: job.request,
        })),
        speed(),
      );
    const fullItem = { promptTokensCap: engine.contextTokens, outputTokensCap: engine.contextTokens };
    const capacityNow = () => {
      const { items, seconds } = backlog();
      if (options.offer.capacityItems !== undefined) return Math.max(0, options.offer.capacityItems - items);
      const turnaround = options.offer.minTurnaroundSeconds ?? DEFAULT_MIN_TURNAROUND_SECONDS;
      return Math.max(0, Math.floor((turnaround / 2 - seconds) / secondsPerItem(fullItem, speed())));
    };
    const offers = createOfferKeeper({
      chain,
      transactions,
      provider: account.address,
      modelId,
      encryptionKey: secrets.keys.publicKey,
      terms: options.offer,
      contextTokens: engine.contextTokens,
      capacityNow,
      logger,
    });

    const decider = createDecider({
      chain,
      logger,
      isAccepting: () => !signal.aborted,
      claimer: createClaimer({
        chain,
        transactions,
        provider: account.address,
        encryptionKey: secrets.keys.publicKey,
        onAssigned: (entry) => runner.take(entry),
      }),
      means: async () => ({
        ...speed(),
        promptPricePerMillion: options.offer.promptPricePerMillion,
        outputPricePerMillion: options.offer.outputPricePerMillion,
        sequences: engine.sequences,
        backlog: backlog(),
        free: (await chain.account(account.address)).free,
        collateralBps: chain.terms.collateralBps,
        penaltyBps: chain.terms.penaltyBps,
        bountyBps: chain.terms.bountyBps,
        minLotCollateral: chain.terms.minLotCollateral,
        gasCost: options.gasCostPerLot ?? 0n,
        maxLots,
        targetLotSeconds: options.targetLotSeconds ?? DEFAULT_TARGET_LOT_SECONDS,
      }),
    });

    const queue = { connectionString, logger, signal };
    const chances: TaskQueue<string> = await openTaskQueue<string>({
      ...queue,
      name: `chances-${id}`,
      // One at a time, so that each sees what the one before took.
      concurrency: 1,
      run: (task) => decider.consider(task.id, fromJson<Chance>(task.data)),
    });
    resources.defer(() => chances.close());
    const lots = await openTaskQueue<LotTask>({
      ...queue,
      name: `lots-${id}`,
      concurrency: WAITING_LOTS,
      run: (task) => runner.run(task),
    });
    resources.defer(() => lots.close());
    const inference = await openTaskQueue<LotTask>({
      ...queue,
      name: `inference-${id}`,
      concurrency: COMPUTING_LOTS,
      run: (task) => runner.run(task),
    });
    resources.defer(() => inference.close());

    const freed = async () => {
      for (const waiting of decider.waiting) await chances.hurry(waiting);
      refreshOffer();
    };
    const refreshOffer = () => {
      offers.refresh().catch((error: unknown) => {
        if (!signal.aborted) logger.warn({ error: String(error) }, "cannot refresh the offer");
      });
    };
    const runner = createLotRunner({
      context,
      book,
      clock,
      queueOf: (stage) => (stage === "infer" ? inference : lots),
      onFreed: freed,
    });

    const watcher = createWatcher({
      chain,
      cursor,
      logger,
      signal,
      pollingIntervalMs: options.pollingIntervalMs,
      onRpcError: metrics.onRpcError,
      onLogs: createMarketEvents({
        chain,
        cursor,
        provider: account.address,
        modelId,
        logger,
        handlers: {
          onChance: (chance, delaySeconds = 0) =>
            chances.add(
              { id: chanceId(chain, chance), name: chance.kind, data: toJson(chance) },
              delaySeconds * 1_000,
            ),
          onAssigned: async (entry) => {
            await runner.take(entry);
            refreshOffer();
          },
          onLotChanged: runner.hurry,
          onPaid: freed,
        },
      }),
      async onReorg() {
        chain.forget();
        for (const { lotId } of book.all()) await runner.hurry(lotId);
      },
      async onClockJump() {
        await Promise.all([chances.hurryAll(), lots.hurryAll()]);
      },
    });

    parts = {
      lots: () =>
        book.all().map(({ lotId, stage, itemsDone, lot }) => ({
          lotId,
          stage,
          itemsDone,
          itemsTotal: lot.itemCount,
        })),
      offer: () => offers.current,
      earned: () => cursor.earned,
      behindMs: watcher.behindMs,
    };
    const { host = "127.0.0.1", port = 0 } = options.http ?? {};
    server = await startStatusServer({ host, port, status: agent.status, metrics });
    resources.defer(() => server?.close());

    await publishModel(chain, transactions, spec);
    await offers.refresh();
    await runner.recover();
    for (const part of [chances, lots, inference]) part.start();
    const watching = watcher.run();
    resources.defer(() => watching);
    const maintenance = setInterval(() => {
      refreshOffer();
      book.sweep(clock() - (options.retentionMs ?? DEFAULT_RETENTION_MS)).catch((error: unknown) => {
        logger.warn({ error: String(error) }, "cannot remove old lots");
      });
    }, MAINTENANCE_MS);
    resources.defer(() => clearInterval(maintenance));
    logger.info({ address: account.address, modelId, url: server.url }, "ready");
  }

  /** As the engine measured at start; else as it has been. */
  function tokensPerSecond(): number {
    return engine.tokensPerSecond || observedTokensPerSecond();
  }

  function observedTokensPerSecond(): number {
    const { completionTokens, busyMs } = engine.stats();
    return busyMs > 0 ? (completionTokens * 1_000) / busyMs : 0;
  }

  const agent: Agent = {
    modelId,
    get url() {
      return server?.url ?? "";
    },
    start() {
      started ??= start();
      return started;
    },
    status: () => ({
      address: account.address,
      modelId,
      offer: parts?.offer(),
      sequences: engine.sequences,
      threads: engine.threads,
      tokensPerSecond: engine.tokensPerSecond,
      lots: parts?.lots() ?? [],
      items: { done: metrics.totals.itemsDone, failed: metrics.totals.itemsFailed },
      tokens: { in: metrics.totals.promptTokens, out: metrics.totals.outputTokens },
      engine: { busyMs: engine.stats().busyMs, tokensPerSecond: observedTokensPerSecond() },
      gasUsed: metrics.totals.gasUsed,
      earned: parts?.earned() ?? 0n,
      chainBehindMs: parts?.behindMs() ?? 0,
    }),
    close() {
      closed ??= (async () => {
        stopping.abort();
        // What start opened it must have finished opening.
        await started?.catch(() => {});
        await resources.disposeAsync();
      })();
      return closed;
    },
    [Symbol.asyncDispose]: () => agent.close(),
  };
  options.signal?.addEventListener("abort", () => void agent.close(), { once: true });
  return agent;
}
