import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import pg from "pg";
import { onTestFinished } from "vitest";
import { type OpenStoreParameters, openStore, type Store } from "../../provider-agent/src/store/openStore.ts";

/** A dead worker's job is free again after at most both together. */
export const leaseOptions = { lockDuration: 1_000, stalledInterval: 500 };

/** A folder that goes when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-store-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A store that closes when the test ends. */
export async function temporaryStore(parameters: Partial<OpenStoreParameters> = {}): Promise<Store> {
  const folder = parameters.folder ?? (await temporaryFolder());
  const store = await openStore({ fsync: false, ...parameters, folder });
  onTestFinished(() => store.close());
  return store;
}

/** Runs one statement over a connection of its own. */
export async function query(
  store: Pick<Store, "connectionString">,
  text: string,
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: store.connectionString });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** Starts a program of `programs/` and waits until it prints `word`. It is killed when the test ends. */
export async function startProgram(
  name: string,
  args: readonly string[],
  word: string,
): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "programs", name), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => kill(child));
  for await (const line of createInterface({ input: child.stdout! })) {
    if (line === word) return child;
  }
  throw new Error(`${name} ended before it said ${word}.`);
}

/** Kills as a power cut would, and waits for the end. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}
