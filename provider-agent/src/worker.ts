import { join } from "node:path";
import type { Engine } from "@millrace/engine";
import { modelIdOf } from "@millrace/protocol";
import type { Logger } from "pino";
import type { Address } from "viem";
import type { AgentOptions } from "./agent.ts";
import type { Chain, Clock } from "./chain/chain.ts";
import { createTransactions } from "./chain/transactions.ts";
import { createClaimer } from "./claim/claimer.ts";
import { createSettler } from "./collect/settler.ts";
import { createCourtReader } from "./court/courtReader.ts";
import type { Means } from "./decide/decideBid.ts";
import { type Chance, chanceId, createDecider } from "./decide/decider.ts";
import { type Backlog, backlogOf, secondsPerItem } from "./decide/workload.ts";
import type { Metrics } from "./http/metrics.ts";
import { createItemPool } from "./infer/itemPool.ts";
import { loadSecrets } from "./keys/secrets.ts";
import type { StageContext } from "./lots/context.ts";
import { fromJson, toJson } from "./lots/files.ts";
import { type LotBook, openLotBook } from "./lots/lotBook.ts";
import { createLotRunner, type LotTask } from "./lots/lotRunner.ts";
import { modelSpecOf, uncalibratedClass } from "./modelSpec.ts";
import { createOfferKeeper, DEFAULT_MIN_TURNAROUND_SECONDS, type OfferKeeper } from "./offers/offers.ts";
import { publishModel } from "./offers/publishModel.ts";
import { openTaskQueue, type TaskQueueOptions } from "./queue/queues.ts";
import { createSubmitter } from "./submit/submitter.ts";
import { type Cursor, openCursor } from "./watch/cursor.ts";
import { createMarketEvents } from "./watch/marketEvents.ts";
import { marketEventAbis } from "./watch/marketLogs.ts";
import { createWatcher, type Watcher } from "./watch/watcher.ts";

/** The stages, wired and running. */
export interface Worker extends AsyncDisposable {
  readonly book: LotBook;
  readonly cursor: Cursor;
  readonly offers: OfferKeeper;
  readonly watcher: Watcher;
}

export interface WorkerOptions {
  options: AgentOptions;
  /** Whose account the agent works for. */
  provider: Address;
  chain: Chain;
  connectionString: string;
  /** Names our key and the market in the database. */
  id: string;
  /** The folder of this provider on this deployment. */
  home: string;
  metrics: Metrics;
  logger: Logger;
  clock: Clock;
  signal: AbortSignal;
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

/** Puts the stages together, publishes model and offer, and sets everything going. */
export async function startWorker(parameters: WorkerOptions): Promise<Worker> {
  const stack = new AsyncDisposableStack();
  try {
    const worker = await wire(parameters, stack);
    const owned = stack.move();
    return { ...worker, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function wire(
  { options, provider, chain, connectionString, id, home, metrics, logger, clock, signal }: WorkerOptions,
  stack: AsyncDisposableStack,
): Promise<Omit<Worker, keyof AsyncDisposable>> {
  const { account, engine } = options;
  const { modelClass = uncalibratedClass } = options;
  const spec = modelSpecOf(engine, modelClass);
  const modelId = modelIdOf(spec);
  const [secrets, book, cursor] = await Promise.all([
    loadSecrets(options.folder),
    openLotBook(join(home, "lots")),
    openCursor(join(home, "cursor.json")),
  ]);
  const encryptionKey = secrets.keys.publicKey;
  const { onGas, onItem, onRpcError, onAnswered, onSlashed } = metrics;
  const gasCostPerLot = options.gasCostPerLot ?? 0n;
  const transactions = createTransactions({
    chain,
    account,
    // Its nonces are those of one key.
    path: join(home, `transaction-${account.address.slice(2).toLowerCase()}.json`),
    logger,
    signal,
    maxFeePerGas: options.maxFeePerGas,
    onGas,
  });
  const context: StageContext = {
    chain,
    court: createCourtReader(chain),
    account,
    engine,
    spec,
    modelId,
    tolerance: modelClass.tolerance,
    secrets,
    transactions,
    logger,
    signal,
    onItem,
    itemPool: createItemPool({ slots: engine.sequences + PREPARED_ITEMS }),
    submitter: createSubmitter({ chain, transactions }),
    settler: createSettler({ chain, transactions }),
  };
  const offers = createOfferKeeper({
    chain,
    transactions,
    provider,
    account: account.address,
    modelId,
    encryptionKey,
    terms: options.offer,
    contextTokens: engine.contextTokens,
    gasCostPerLot,
    capacityNow: async () => capacityOf(options, await backlogIn(book, engine, chain)),
    logger,
  });
  const refreshOffer = () => {
    offers.refresh().catch((error: unknown) => {
      if (!signal.aborted) logger.warn({ error: String(error) }, "cannot refresh the offer");
    });
  };

  const decider = createDecider({
    chain,
    logger,
    claimer: createClaimer({
      chain,
      transactions,
      provider,
      encryptionKey,
      onAssigned: (entry) => runner.take(entry),
    }),
    means: async (parameters) => ({
      ...parameters,
      ...speedOf(engine),
      promptPricePerMillion: options.offer.promptPricePerMillion,
      outputPricePerMillion: options.offer.outputPricePerMillion,
      sequences: engine.sequences,
      backlog: await backlogIn(book, engine, chain),
      ...(await collateralLeft(chain, { owner: provider, operator: account.address })),
      gasCost: gasCostPerLot,
      maxLots: options.maxLots ?? DEFAULT_MAX_LOTS,
      targetLotSeconds: options.targetLotSeconds ?? DEFAULT_TARGET_LOT_SECONDS,
    }),
    isAccepting: () => !signal.aborted,
  });
  const onFreed = async () => {
    for (const waiting of decider.waiting) await chances.hurry(waiting);
    refreshOffer();
  };

  const openQueue = async <Data>(queue: Pick<TaskQueueOptions<Data>, "name" | "concurrency" | "run">) => {
    const name = `${queue.name}-${id}`;
    const opened = await openTaskQueue<Data>({ ...queue, name, connectionString, logger, signal });
    stack.defer(() => opened.close());
    return opened;
  };
  const chances = await openQueue<string>({
    name: "chances",
    // One at a time, so that each sees what the one before took.
    concurrency: 1,
    run: (task) => decider.consider(task.id, fromJson<Chance>(task.data)),
  });
  const waitingLots = await openQueue<LotTask>({
    name: "lots",
    concurrency: WAITING_LOTS,
    run: (task) => runner.run(task),
  });
  const inference = await openQueue<LotTask>({
    name: "inference",
    concurrency: COMPUTING_LOTS,
    run: (task) => runner.run(task),
  });
  const runner = createLotRunner({
    context,
    book,
    clock,
    queueOf: (stage) => (stage === "infer" ? inference : waitingLots),
    onFreed,
  });

  const watcher = createWatcher({
    chain,
    cursor,
    addresses: [chain.ref.market, chain.faults, chain.network.court],
    events: marketEventAbis,
    logger,
    signal,
    pollingIntervalMs: pollingIntervalMsOf(options, chain),
    onRpcError,
    onLogs: createMarketEvents({
      chain,
      cursor,
      provider,
      encryptionKey,
      modelId,
      logger,
      handlers: {
        async onChance(chance, delaySeconds = 0) {
          const task = { id: chanceId(chance), name: chance.kind, data: toJson(chance) };
          await chances.add(task, delaySeconds * 1_000);
          // One that is there already may have been looked at before its limits were raised.
          if (delaySeconds === 0) await chances.hurry(task.id, { again: true });
        },
        async onAssigned(entry) {
          await runner.take(entry);
          refreshOffer();
        },
        onLotChanged: runner.review,
        onPaid: onFreed,
        onAnswered,
        onSlashed,
      },
    }),
    async onReorg() {
      chain.forget();
      await runner.reviewChanged();
    },
    async onClockJump() {
      await Promise.all([chances.hurryAll(), runner.reviewWaiting()]);
    },
  });

  await publishModel(chain, transactions, { spec, modelClass });
  await offers.refresh();
  await runner.recover();
  const queues = [chances, waitingLots, inference];
  stack.defer(async () => {
    await Promise.all(queues.map((queue) => queue.stop()));
  });
  await Promise.all(queues.map((queue) => queue.start()));
  const watching = watcher.run();
  stack.defer(() => watching);
  const maintenance = setInterval(() => {
    refreshOffer();
    book.sweep(clock() - (options.retentionMs ?? DEFAULT_RETENTION_MS)).catch((error: unknown) => {
      logger.warn({ error: String(error) }, "cannot remove old lots");
    });
  }, MAINTENANCE_MS);
  stack.defer(() => clearInterval(maintenance));
  return { book, cursor, offers, watcher };
}

/** How often the chain is read. */
export function pollingIntervalMsOf({ pollingIntervalMs }: AgentOptions, { isLocal }: Chain): number {
  return pollingIntervalMs ?? (isLocal ? 200 : 2_000);
}

/** As fast as the engine has shown to be: at start, when other programs may have been in its way, or since. */
function speedOf(engine: Engine): { tokensPerSecond: number; contextTokens: number } {
  const { contextTokens } = engine;
  return {
    tokensPerSecond: Math.max(engine.tokensPerSecond, observedTokensPerSecond(engine)),
    contextTokens,
  };
}

/** Output tokens per second while busy, since the engine was made. */
export function observedTokensPerSecond(engine: Engine): number {
  const { completionTokens, busyMs } = engine.stats();
  return busyMs > 0 ? (completionTokens * 1_000) / busyMs : 0;
}

async function backlogIn(book: LotBook, engine: Engine, chain: Chain): Promise<Backlog> {
  const lots = book.all().map(async ({ lot, job, stage, itemsDone }) => {
    const { graceSeconds } = await chain.parameters(job.parametersVersion);
    return {
      itemsLeft: stage === "fetch" || stage === "infer" ? lot.itemCount - itemsDone : 0,
      caps: job.request,
      // The grace begins with the assignment.
      waitsSince: stage === "fetch" ? lot.graceEndsAt - graceSeconds : undefined,
    };
  });
  return backlogOf(await Promise.all(lots), speedOf(engine), chain.now());
}

/** Base units of the owner's, and of its backers', that a claim of the operator's may lock. */
async function collateralLeft(
  chain: Chain,
  { owner, operator }: { owner: Address; operator: Address },
): Promise<Pick<Means, "free" | "backing">> {
  const [{ free, locked, isBacked }, cap] = await Promise.all([
    chain.account(owner),
    chain.collateralCap(owner, operator),
  ]);
  const left = cap > locked ? cap - locked : 0n;
  const backing = isBacked ? await chain.backing(owner) : undefined;
  return { free: left < free ? left : free, backing };
}

/** How many items more could be done in half of the shortest turnaround, if each filled the context. */
function capacityOf({ offer, engine }: AgentOptions, { items, seconds }: Backlog): number {
  if (offer.capacityItems !== undefined) return Math.max(0, offer.capacityItems - items);
  const turnaround = offer.minTurnaroundSeconds ?? DEFAULT_MIN_TURNAROUND_SECONDS;
  const { contextTokens } = engine;
  const fullItem = { promptTokensCap: contextTokens, outputTokensCap: contextTokens };
  return Math.max(0, Math.floor((turnaround / 2 - seconds) / secondsPerItem(fullItem, speedOf(engine))));
}
