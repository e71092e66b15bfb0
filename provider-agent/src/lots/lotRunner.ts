import type { Job, Lot } from "@millrace/protocol";
import type { Hex } from "viem";
import type { Clock } from "../chain/chain.ts";
import { AgentError } from "../errors.ts";
import { Postponed, type Task, type TaskQueue } from "../queue/queues.ts";
import type { StageContext } from "./context.ts";
import { type LotBook, type LotStage, lotStages, type OwnLot } from "./lotBook.ts";
import { type Next, runStage } from "./stages.ts";

/** What the queue holds of a lot: the rest is in its folder. */
export interface LotTask {
  lotId: Hex;
}

/** Moves lots from stage to stage through the queues. */
export interface LotRunner {
  /** Takes in a lot that was assigned to us; harmless to repeat. */
  take(entry: { lot: Lot; job: Job }): Promise<void>;
  /** Runs one stage and queues the next. For the queues' workers. */
  run(task: Task<LotTask>): Promise<void>;
  /** Looks at a lot again now, because something happened to it. */
  review(lotId: Hex): Promise<void>;
  /** Looks again at every lot that the chain no longer has in the state that we left it in. */
  reviewChanged(): Promise<void>;
  /** Looks again at every lot whose stage waits for a time, as the chain's clock was moved. */
  reviewWaiting(): Promise<void>;
  /** Queues the lots of a former run that no queue holds. */
  recover(): Promise<void>;
}

/** Stages that need the engine have a queue of their own, which workers on other machines may share. */
export type StageQueues = (stage: LotStage) => TaskQueue<LotTask>;

const taskId = (stage: LotStage, lotId: Hex) => `${stage}-${lotId}`;

/**
 * @param onFreed is called when a lot no longer needs the engine, or its collateral is free
 */
export function createLotRunner({
  context,
  book,
  queueOf,
  clock,
  onFreed,
}: {
  context: StageContext;
  book: LotBook;
  queueOf: StageQueues;
  clock: Clock;
  onFreed(): Promise<void>;
}): LotRunner {
  const { logger } = context;
  /** A lot the chain does not know is dropped after this: endpoints may lag behind each other. */
  const missingMs = context.chain.isLocal ? 3_000 : 60_000;

  const enqueue = (stage: LotStage, lotId: Hex, delaySeconds = 0) =>
    queueOf(stage).add({ id: taskId(stage, lotId), name: stage, data: { lotId } }, delaySeconds * 1_000);

  async function run({ name, data: { lotId } }: Task<LotTask>): Promise<void> {
    const own = book.get(lotId);
    if (!own) return;
    const stage = lotStages.find((known) => known === name)!;
    enter(own, stage);
    const next = await runInterruptibly(own, stage).catch((error: unknown) => missing(own, error));
    if ("out" in next) {
      logger.info({ lotId, out: next.out }, "lot closed");
      await book.retire(lotId);
      return onFreed();
    }
    own.missingSince = undefined;
    if (next.stage === stage) throw new Postponed((next.delaySeconds ?? 1) * 1_000);
    logger.info({ lotId, items: own.lot.itemCount, from: stage, to: next.stage }, "lot moves on");
    await enqueue(next.stage, lotId, next.delaySeconds);
    if (stage === "infer") await onFreed();
  }

  async function runInterruptibly(own: OwnLot, stage: LotStage): Promise<Next> {
    const interruption = new AbortController();
    own.interrupt = () => interruption.abort();
    const signal = AbortSignal.any([context.signal, interruption.signal]);
    try {
      return await runStage({ ...context, signal }, own, stage);
    } catch (error) {
      if (interruption.signal.aborted && !context.signal.aborted) throw new Postponed(0);
      throw error;
    } finally {
      own.interrupt = undefined;
    }
  }

  function missing(own: OwnLot, error: unknown): Next {
    if (!(error instanceof AgentError) || error.code !== "lot-gone" || !error.retryable) throw error;
    own.missingSince ??= clock();
    if (clock() - own.missingSince < missingMs) throw new Postponed(missingMs / 10);
    return { out: "lost" };
  }

  function enter(own: OwnLot, stage: LotStage): void {
    own.stage = stage;
    if (lotStages.indexOf(stage) > lotStages.indexOf("infer")) own.itemsDone = own.lot.itemCount;
  }

  return {
    async take(entry) {
      const own = await book.add(entry);
      if (await isQueued(own.lotId)) return;
      logger.info({ lotId: own.lotId, items: own.lot.itemCount }, "lot assigned");
      await enqueue("fetch", own.lotId);
    },
    run,
    review,
    async reviewWaiting() {
      for (const { lotId, stage } of book.all()) {
        if (stage === "fetch" || stage === "collect") await review(lotId);
      }
    },
    async reviewChanged() {
      for (const { lotId, stage } of book.all()) {
        const { status } = await context.chain.lotState(lotId);
        if (status !== (stage === "collect" ? "submitted" : "assigned")) await review(lotId);
      }
    },
    async recover() {
      for (const { lotId } of book.all()) {
        if (!(await isQueued(lotId))) await enqueue("fetch", lotId);
      }
    },
  };

  async function review(lotId: Hex): Promise<void> {
    const own = book.get(lotId);
    if (!own) return;
    own.interrupt?.();
    await queueOf(own.stage).hurry(taskId(own.stage, lotId));
  }

  async function isQueued(lotId: Hex): Promise<boolean> {
    for (const stage of lotStages) {
      if (!(await queueOf(stage).has(taskId(stage, lotId)))) continue;
      const own = book.get(lotId);
      if (own) enter(own, stage);
      return true;
    }
    return false;
  }
}
