import { setTimeout as delay } from "node:timers/promises";
import { createPostgresBackend, DelayedError, type Job as QueueJob, withBackend } from "bullmq";
import type { Logger } from "pino";
import { connectionOf } from "./connection.ts";

const { Queue, Worker } = withBackend(createPostgresBackend);

/** A step of work: which, and on what. Everything else is read from the lot's folder and the chain. */
export interface Task<Data> {
  /** Adding a task with the id of one that waits or runs changes nothing. */
  id: string;
  name: string;
  data: Data;
}

/** Throw this to have a task tried again later without counting it as failed. */
export class Postponed extends Error {
  readonly delayMs: number;
  constructor(delayMs: number) {
    super("postponed");
    this.delayMs = delayMs;
  }
}

export interface TaskQueue<Data> {
  add(task: Task<Data>, delayMs?: number): Promise<void>;
  /** Whether a task with this id waits or runs. */
  has(id: string): Promise<boolean>;
  /**
   * Brings forward one task that waits for its time, or that runs now and would wait then; harmless if there is none.
   *
   * @param again also runs one more time what runs now and ends. Default: false.
   */
  hurry(id: string, options?: { again?: boolean }): Promise<void>;
  /** Brings forward all tasks that wait for their time. */
  hurryAll(): Promise<void>;
  /** Starts working; resolves once it does, or is stopped before. */
  start(): Promise<void>;
  /** Stops working, once what runs has ended. Tasks can still be added. */
  stop(): Promise<void>;
  /** Stop all queues before closing any: a task that ends may add to another queue. */
  close(): Promise<void>;
}

export interface TaskQueueOptions<Data> {
  connectionString: string;
  /** Apart from those of every other agent and market in the same database. */
  name: string;
  concurrency: number;
  logger: Logger;
  signal: AbortSignal;
  run(task: Task<Data>): Promise<void>;
}

/** Work of a killed agent is free again after at most both together. */
const LOCK_MS = 6_000;
const STALLED_CHECK_MS = 3_000;
const MAX_BACKOFF_MS = 15_000;
const CLOSING_DELAY_MS = 1_000;
/** Until another worker is tried, when the database went away while one was being made. */
const RESTART_MS = 1_000;
/** Tasks end by their own reasons, such as a deadline, never by having failed too often. */
const MANY = 1_000_000;

/** A durable queue with one worker in this process. */
export async function openTaskQueue<Data>(options: TaskQueueOptions<Data>): Promise<TaskQueue<Data>> {
  const { name, logger, signal } = options;
  const connection = connectionOf(options.connectionString);
  const onError = (error: Error) => {
    if (!signal.aborted) logger.warn({ queue: name, error: error.message }, "the queue has a problem");
  };
  const queue = new Queue<Data>(name, { connection });
  queue.on("error", onError);
  await queue.waitUntilReady();
  /** Ids at work here. A task whose lock ran out under a long computation is not begun a second time. */
  const running = new Map<string, Promise<void>>();
  /** What was hurried while at work: what it saw may be out of date. */
  const hurried = new Map<string, { again: boolean }>();
  let worker: ReturnType<typeof createWorker> | undefined;

  async function process(job: QueueJob<Data>, token?: string): Promise<void> {
    const id = job.id!;
    let run = running.get(id);
    if (!run) {
      hurried.delete(id);
      run = options.run({ id, name: job.name, data: job.data }).finally(() => running.delete(id));
      running.set(id, run);
    }
    try {
      await run;
    } catch (error) {
      // Closing is no failure: the task waits for the next start, and a moment, or this worker would take it again.
      if (signal.aborted) return putAside(job, { token, delayMs: CLOSING_DELAY_MS });
      if (error instanceof Postponed) {
        return putAside(job, { token, delayMs: hurried.has(id) ? 0 : error.delayMs });
      }
      logger.warn(
        { task: job.name, id, attempt: job.attemptsMade + 1, error: String(error) },
        "a task failed",
      );
      throw error;
    }
    if (hurried.get(id)?.again) return putAside(job, { token, delayMs: 0 });
    hurried.delete(id);
  }

  async function putAside(
    job: QueueJob<Data>,
    { token, delayMs }: { token: string | undefined; delayMs: number },
  ): Promise<never> {
    hurried.delete(job.id!);
    await job.moveToDelayed(Date.now() + Math.ceil(delayMs), token);
    // It may have been hurried while it was being put aside.
    if (hurried.delete(job.id!)) await promote(job);
    throw new DelayedError();
  }

  /** Whether it waited for its time. */
  async function promote(job: QueueJob<Data>): Promise<boolean> {
    if (!(await job.isDelayed())) return false;
    // Another may be faster.
    await job.promote().catch(() => {});
    return true;
  }

  function createWorker() {
    const created = new Worker<Data>(name, process, {
      connection,
      concurrency: options.concurrency,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_CHECK_MS,
      maxStalledCount: MANY,
      settings: { backoffStrategy: backoffMs },
      autorun: false,
    });
    created.on("error", onError);
    return created;
  }

  /**
   * Runs a worker once its connections stand. One that lost them while it was being made would ask on them for ever
   * without a pause, and nothing else in this process would get a turn: it is left for another.
   */
  async function work(): Promise<void> {
    while (!stopping.signal.aborted) {
      const created = createWorker();
      worker = created;
      try {
        await created.waitUntilReady();
        created.run().catch(onError);
        return;
      } catch (error) {
        onError(error as Error);
        await created.close().catch(onError);
        await delay(RESTART_MS, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
  }

  const stopping = new AbortController();
  let started: Promise<void> | undefined;
  let closed: Promise<void> | undefined;
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= (async () => {
      stopping.abort();
      await worker?.close();
      await started;
    })();
    return stopped;
  };
  return {
    async add(task, delayMs = 0) {
      await queue.add(task.name as never, task.data as never, {
        jobId: task.id,
        delay: Math.ceil(delayMs),
        attempts: MANY,
        backoff: { type: "capped" },
        removeOnComplete: true,
        removeOnFail: true,
      });
    },
    has: async (id) => (await queue.getJob(id)) !== undefined,
    async hurry(id, { again = false } = {}) {
      const job = await queue.getJob(id);
      if (!job) return;
      hurried.set(id, { again });
      if (await promote(job)) hurried.delete(id);
    },
    async hurryAll() {
      await queue.promoteJobs();
    },
    start() {
      started ??= work();
      return started;
    },
    stop,
    close() {
      closed ??= (async () => {
        await stop();
        await queue.close();
      })();
      return closed;
    },
  };
}

/** Doubles from half a second up to a cap, with jitter. Whole milliseconds: the database refuses parts of them. */
function backoffMs(attempts = 1): number {
  const cap = Math.min(MAX_BACKOFF_MS, 250 * 2 ** Math.min(attempts, 10));
  return Math.round(cap / 2 + (Math.random() * cap) / 2);
}
