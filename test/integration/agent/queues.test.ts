import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore, type Store } from "@millrace/provider-agent";
import pg from "pg";
import { pino } from "pino";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { connectionOf } from "../../../provider-agent/src/queue/connection.ts";
import { openTaskQueue, Postponed, type Task } from "../../../provider-agent/src/queue/queues.ts";
import { eventually } from "./eventually.ts";

let store: Store;
let names = 0;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-queues-"));
  store = await openStore({ folder, fsync: false });
  return async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  };
});

type Run = (task: Task<number>, signal: AbortSignal) => Promise<void>;

async function open(run: Run, name = `queue-${++names}`) {
  const problems: string[] = [];
  const logger = pino({ level: "warn" }, { write: (line) => void problems.push(line) });
  const stopping = new AbortController();
  const queue = await openTaskQueue<number>({
    connectionString: store.connectionString,
    name,
    concurrency: 4,
    logger,
    signal: stopping.signal,
    run: (task) => run(task, stopping.signal),
  });
  const close = () => {
    stopping.abort(new Error("closing"));
    return queue.close();
  };
  onTestFinished(close);
  await queue.start();
  return { queue, close, name, problems };
}

const task = (id: string, data = 0): Task<number> => ({ id, name: "test", data });

test("a task that fails is tried again, until it does not", async () => {
  let runs = 0;
  const { queue, problems } = await open(async () => {
    if (++runs < 3) throw new Error("not yet");
  });
  await queue.add(task("a"));
  await eventually(() => runs).toBe(3);
  await eventually(() => queue.has("a")).toBe(false);
  // The failures themselves, and nothing that the database had to say about them.
  expect(problems.map((line) => JSON.parse(line).msg)).toEqual(["a task failed", "a task failed"]);
});

test("a postponed task comes again, which is no failure", async () => {
  let runs = 0;
  const { queue, problems } = await open(async () => {
    if (++runs < 3) throw new Postponed(10.5);
  });
  await queue.add(task("a"));
  await eventually(() => runs).toBe(3);
  expect(problems).toEqual([]);
});

test("a task that is there already is not added again; one that is done can be", async () => {
  const gate = Promise.withResolvers<void>();
  const seen: number[] = [];
  const { queue } = await open(async ({ data }) => {
    seen.push(data);
    await gate.promise;
  });
  await queue.add(task("a", 1));
  await eventually(() => seen).toEqual([1]);
  await queue.add(task("a", 2));
  gate.resolve();
  await eventually(() => queue.has("a")).toBe(false);
  await queue.add(task("a", 3));
  await eventually(() => seen).toEqual([1, 3]);
});

test("a task that waits for its time is brought forward, alone or with all others", async () => {
  const seen: string[] = [];
  const { queue } = await open(async ({ id }) => void seen.push(id));
  for (const id of ["a", "b", "c"]) await queue.add(task(id), 3_600_000);
  await queue.hurry("b");
  await queue.hurry("unknown");
  await eventually(() => seen).toEqual(["b"]);
  await queue.hurryAll();
  await eventually(() => seen.toSorted()).toEqual(["a", "b", "c"]);
});

test("a task under way when the queue closes is begun again after the next start", async () => {
  const started = Promise.withResolvers<void>();
  const first = await open(async (_task, signal) => {
    started.resolve();
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  });
  await first.queue.add(task("a"));
  await started.promise;
  await first.close();
  const seen: string[] = [];
  await open(async ({ id }) => void seen.push(id), first.name);
  await eventually(() => seen).toEqual(["a"]);
});

test("queues of different names share the database and nothing else", async () => {
  const seen: string[] = [];
  const one = await open(async () => void seen.push("one"));
  const two = await open(async () => void seen.push("two"));
  await two.queue.add(task("a"));
  await eventually(() => seen).toEqual(["two"]);
  expect(await one.queue.has("a")).toBe(false);
});

test("a database that dies while a worker connects: the process goes on, and the queue still closes", async () => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-queues-"));
  const mortal = await openStore({ folder, fsync: false });
  const problems: string[] = [];
  const queue = await openTaskQueue<number>({
    connectionString: mortal.connectionString,
    name: "orphan",
    concurrency: 4,
    logger: pino({ level: "warn" }, { write: (line) => void problems.push(line) }),
    signal: new AbortController().signal,
    run: async () => {},
  });
  const pidFile = await readFile(join(folder, "data", "postmaster.pid"), "utf8");
  process.kill(Number(pidFile.split("\n")[0]), "SIGKILL");
  const started = queue.start();
  // That this is reached at all shows that other work gets its turn.
  await eventually(() => problems.length).toBeGreaterThan(0);
  await queue.close();
  await started;
  await mortal.close();
  await rm(folder, { recursive: true, force: true });
});

test("a task that is hurried while it runs does not wait afterwards, though it asked to", async () => {
  const gate = Promise.withResolvers<void>();
  let runs = 0;
  const { queue, problems } = await open(async () => {
    if (++runs > 1) return;
    await gate.promise;
    throw new Postponed(3_600_000);
  });
  await queue.add(task("a"));
  await eventually(() => runs).toBe(1);
  await queue.hurry("a");
  gate.resolve();
  await eventually(() => runs).toBe(2);
  await eventually(() => queue.has("a")).toBe(false);
  expect(problems).toEqual([]);
});

test("a task that is wanted again while it runs is run once more, and no oftener", async () => {
  const gate = Promise.withResolvers<void>();
  let runs = 0;
  const { queue } = await open(async () => {
    runs++;
    await gate.promise;
  });
  await queue.add(task("a"));
  await eventually(() => runs).toBe(1);
  await queue.hurry("a", { again: true });
  gate.resolve();
  await eventually(() => queue.has("a")).toBe(false);
  expect(runs).toBe(2);
});

test("a connection that ends between two queries fails the second, and not the process", async () => {
  const { max, Client, connectionString } = connectionOf(store.connectionString);
  const pool = new pg.Pool({ connectionString, max, Client });
  onTestFinished(() => pool.end());
  const client = await pool.connect();
  onTestFinished(() => client.release(true));
  const { rows } = await client.query("SELECT pg_backend_pid() AS pid");
  const ended = new Promise((resolve) => client.once("end", resolve));
  await pool.query("SELECT pg_terminate_backend($1)", [rows[0].pid]);
  await ended;
  await expect(client.query("SELECT 1")).rejects.toThrow();
});
