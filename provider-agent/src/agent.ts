import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "@millrace/engine";
import { type ModelClass, modelIdOf, type Network, refuseDevelopmentKey } from "@millrace/protocol";
import { type Logger, pino } from "pino";
import type { Address, Hex, LocalAccount } from "viem";
import { type Chain, type Clock, connectChain } from "./chain/chain.ts";
import { AgentError } from "./errors.ts";
import { createMetrics } from "./http/metrics.ts";
import { type StatusServer, startStatusServer } from "./http/server.ts";
import { modelSpecOf } from "./modelSpec.ts";
import type { OfferTerms } from "./offers/offers.ts";
import { becomeSoleAgent } from "./queue/soleAgent.ts";
import type { AgentStatus } from "./status.ts";
import { openStore, type Store } from "./store/openStore.ts";
import { observedTokensPerSecond, pollingIntervalMsOf, startWorker, type Worker } from "./worker.ts";

export interface AgentOptions {
  network: Network;
  /** Signs transactions and blobs. */
  account: LocalAccount;
  /**
   * Whose account holds the collateral and earns: then `account` is a key that they let work for them, within a cap.
   * Default: the account itself.
   */
  owner?: Address | undefined;
  /** Stays the caller's: close it after the agent. */
  engine: Engine;
  /** How the model's outputs are made and judged: see `readModelClass`. Default: uncalibrated, objective faults only. */
  modelClass?: ModelClass | undefined;
  /** Keeps keys, the cursor and the lots under way. */
  folder: string;
  /** An open database; stays the caller's. */
  store?: Pick<Store, "connectionString" | "lost"> | undefined;
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
   * @throws AgentError `not-operator`; MillraceError of the chain, the store or the status server
   */
  start(): Promise<void>;
  /** Where `/status`, `/healthz` and `/metrics` are, once started. */
  readonly url: string;
  readonly modelId: Hex;
  /** Aborts when the agent closes, with the error that made it close, if it was one. */
  readonly stopped: AbortSignal;
  status(): AgentStatus;
  /** Begins nothing new, puts down what is under way so that a later start goes on with it, and lets go of everything. */
  close(): Promise<void>;
}

/** So many missed readings of the chain, or so long, and the agent calls itself unhealthy. */
const MISSED_READINGS = 10;
const LEAST_BEHIND_MS = 5_000;

/**
 * Makes an agent; nothing happens before {@link Agent.start}.
 *
 * @throws MillraceError `development-key` if the account or the owner is a well-known one and the chain is not local
 * @example
 * await using agent = createAgent({ network, account, engine, folder, offer });
 * await agent.start();
 */
export function createAgent(options: AgentOptions): Agent {
  const { network, account, engine, folder, owner = account.address, clock = Date.now } = options;
  const logger = options.logger ?? pino({ level: "silent" });
  for (const address of [account.address, owner]) refuseDevelopmentKey(network.chainId, address);
  const modelId = modelIdOf(modelSpecOf(engine, options.modelClass));
  const stopping = new AbortController();
  const { signal } = stopping;
  const resources = new AsyncDisposableStack();
  const metrics = createMetrics(() => agent.status());
  let server: StatusServer | undefined;
  let worker: Worker | undefined;
  let started: Promise<void> | undefined;
  let closed: Promise<void> | undefined;

  async function start(): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const [chain, store] = await Promise.all([connectChain(network, { clock, signal }), openOwnStore()]);
    stopWith(store.lost);
    const { connectionString } = store;
    await checkOperator(chain, { owner, operator: account.address });
    const idOf = (address: Address) => `${chain.deploymentId}-${address.slice(2).toLowerCase()}`;
    // Queues are bound to the key that works on them; lots to their provider, whatever key that provider changes to.
    const id = idOf(account.address);
    const home = join(folder, idOf(owner));
    const sole = await becomeSoleAgent(connectionString, id);
    resources.defer(() => sole.close());
    const { host = "127.0.0.1", port = 0 } = options.http ?? {};
    const listening = await startStatusServer({
      host,
      port,
      metrics,
      status: agent.status,
      maxBehindMs: Math.max(LEAST_BEHIND_MS, MISSED_READINGS * pollingIntervalMsOf(options, chain)),
    });
    server = listening;
    resources.defer(() => listening.close());
    worker = await startWorker({
      options,
      provider: owner,
      chain,
      connectionString,
      id,
      home,
      metrics,
      logger,
      clock,
      signal,
    });
    resources.use(worker);
    logger.info({ address: account.address, owner, modelId, url: server.url }, "ready");
  }

  async function openOwnStore(): Promise<Pick<Store, "connectionString" | "lost">> {
    if (options.store) return options.store;
    const { databaseUrl } = options;
    return resources.use(await openStore({ databaseUrl, folder: join(folder, "store"), signal }));
  }

  function close(reason?: unknown): Promise<void> {
    closed ??= (async () => {
      stopping.abort(reason);
      // What start opened it must have finished opening.
      await started?.catch(() => {});
      await resources.disposeAsync();
    })();
    return closed;
  }

  function stopWith(other: AbortSignal): void {
    const stop = () => {
      close(other.reason).catch((error: unknown) => logger.error({ error: String(error) }, "cannot close"));
    };
    if (other.aborted) stop();
    else other.addEventListener("abort", stop, { once: true });
  }

  const agent: Agent = {
    modelId,
    stopped: signal,
    get url() {
      return server?.url ?? "";
    },
    start() {
      started ??= start().catch(async (error: unknown) => {
        await resources.disposeAsync();
        throw error;
      });
      return started;
    },
    status: () => ({
      address: account.address,
      owner,
      modelId,
      offer: worker?.offers.current,
      sequences: engine.sequences,
      threads: engine.threads,
      tokensPerSecond: engine.tokensPerSecond,
      lots: (worker?.book.all() ?? []).map(({ lotId, stage, itemsDone, lot }) => ({
        lotId,
        stage,
        itemsDone,
        itemsTotal: lot.itemCount,
      })),
      items: { done: metrics.totals.itemsDone, failed: metrics.totals.itemsFailed },
      tokens: { in: metrics.totals.promptTokens, out: metrics.totals.outputTokens },
      answers: metrics.totals.answers,
      slashed: metrics.totals.slashed,
      engine: { busyMs: engine.stats().busyMs, tokensPerSecond: observedTokensPerSecond(engine) },
      gasUsed: metrics.totals.gasUsed,
      earned: worker?.cursor.earned ?? 0n,
      chainBehindMs: worker?.watcher.behindMs() ?? 0,
    }),
    close: () => close(),
    [Symbol.asyncDispose]: () => close(),
  };
  if (options.signal) stopWith(options.signal);
  return agent;
}

async function checkOperator(
  chain: Chain,
  { owner, operator }: { owner: Address; operator: Address },
): Promise<void> {
  if ((await chain.collateralCap(owner, operator)) > 0n) return;
  throw new AgentError(`${owner} has not let ${operator} work for them.`, {
    code: "not-operator",
    hints: [`With the owner's key, run \`millrace-provider operator ${operator} <amount>\`.`],
  });
}
