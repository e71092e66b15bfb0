import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPostgresBackend, type FlowJob, UnrecoverableError, withBackend } from "bullmq";
import { beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { openStore, type Store } from "../../provider-agent/src/store/openStore.ts";
import { kill, leaseOptions, query, startProgram } from "./fixture.ts";

const { FlowProducer, Queue, QueueEvents, Worker } = withBackend(createPostgresBackend);

let store: Store;
let schemas = 0;
/** Each test has a schema of its own, which parts its queues from those of the others. */
let connection: { connectionString: string; migrate: true; schema: string; max: number };

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-bullmq-"));
  store = await openStore({ folder, fsync: false });
  return async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  };
});

beforeEach(() => {
  connection = {
    connectionString: store.connectionString,
    migrate: true,
    schema: `test_${++schemas}`,
    max: 3,
  };
});

test("a job goes through a queue and a worker, and its result comes back", async () => {
  const queue = closing(new Queue<{ lot: string }, string>("lots", { connection }));
  const events = closing(new QueueEvents("lots", { connection }));
  await events.waitUntilReady();
  closing(
    new Worker<{ lot: string }, string>("lots", async (job) => `done ${job.data.lot}`, {
      connection,
      ...leaseOptions,
    }),
  );
  const job = await queue.add("infer", { lot: "0x01" }, { jobId: "lot-0x01" });
  expect(await job.waitUntilFinished(events, 20_000)).toBe("done 0x01");
});

test("the same job id is queued once", async () => {
  const queue = closing(new Queue("lots", { connection }));
  await queue.add("infer", { lot: 1 }, { jobId: "lot-1" });
  await queue.add("infer", { lot: 2 }, { jobId: "lot-1" });
  expect(await queue.getJobCounts("waiting")).toEqual({ waiting: 1 });
  expect((await queue.getJob("lot-1"))?.data).toEqual({ lot: 1 });
});

test("the stages of a flow run in order, each seeing the one before", async () => {
  const flow = closing(new FlowProducer({ connection }));
  const order: string[] = [];
  const { promise: finished, resolve: finish } = Promise.withResolvers<unknown>();
  for (const stage of ["fetch", "infer", "submit"]) {
    const run = async (job: { getChildrenValues(): Promise<Record<string, unknown>> }) => {
      const [before = "input"] = Object.values(await job.getChildrenValues());
      order.push(stage);
      return `${before} > ${stage}`;
    };
    const worker = closing(new Worker(stage, run, { connection, ...leaseOptions }));
    if (stage === "submit") worker.on("completed", (_job, result) => finish(result));
  }
  const stages: FlowJob = {
    name: "lot",
    queueName: "submit",
    children: [{ name: "lot", queueName: "infer", children: [{ name: "lot", queueName: "fetch" }] }],
  };
  await flow.add(stages);
  expect(await finished).toBe("input > fetch > infer > submit");
  expect(order).toEqual(["fetch", "infer", "submit"]);
});

test("a job of a killed worker is picked up by another", async () => {
  const queue = closing(new Queue("lots", { connection }));
  await queue.add("infer", {}, { jobId: "lot-1" });
  const victim = await startProgram("holdJob.ts", [JSON.stringify(connection)], "taken");
  const { promise: pickedUp, resolve } = Promise.withResolvers<string | undefined>();
  closing(new Worker("lots", async (job) => resolve(job.id), { connection, ...leaseOptions }));
  await kill(victim);
  expect(await pickedUp).toBe("lot-1");
});

test("a retryable failure is tried again, an unrecoverable one is not", async () => {
  const queue = closing(new Queue<{ isFinal: boolean }>("lots", { connection }));
  const { promise: bothFailed, resolve } = Promise.withResolvers<void>();
  const worker = closing(
    new Worker<{ isFinal: boolean }>(
      "lots",
      async ({ data }) => {
        throw data.isFinal ? new UnrecoverableError("final") : new Error("for now");
      },
      { connection, ...leaseOptions },
    ),
  );
  const ended = new Set<string | undefined>();
  worker.on("failed", (job) => {
    if (job?.finishedOn) ended.add(job.id);
    if (ended.size === 2) resolve();
  });
  const options = { attempts: 3, backoff: { type: "exponential", delay: 10 } };
  await queue.add("infer", { isFinal: false }, { ...options, jobId: "retried" });
  await queue.add("infer", { isFinal: true }, { ...options, jobId: "final" });
  await bothFailed;
  expect((await queue.getJob("retried"))?.attemptsMade).toBe(3);
  expect((await queue.getJob("final"))?.attemptsMade).toBe(1);
});

test("closing gives every connection back", async () => {
  const queue = new Queue("lots", { connection });
  const worker = new Worker("lots", async () => {}, { connection, ...leaseOptions });
  await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);
  await worker.close();
  await queue.close();
  const others = "SELECT count(*)::int AS count FROM pg_stat_activity WHERE backend_type = 'client backend'";
  // Ours that asks, and the one that holds the store.
  await expect.poll(() => query(store, others)).toEqual([{ count: 2 }]);
});

/** Closes `part` when the test ends, last opened first; an error that nobody hears fails the test. */
function closing<
  T extends { on(event: "error", listener: (error: Error) => void): unknown; close(): Promise<unknown> },
>(part: T): T {
  const errors: Error[] = [];
  part.on("error", (error) => errors.push(error));
  onTestFinished(async () => {
    await part.close();
    expect(errors).toEqual([]);
  });
  return part;
}
