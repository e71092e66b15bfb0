import type { ChildProcess } from "node:child_process";
import { open, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type pg from "pg";
import { type Account, type AccountKind, findAccount } from "./account.ts";
import {
  DATABASE_USER,
  HERE,
  makeFolder,
  prepareCluster,
  removeUnfinished,
  startFailed,
  writeConfiguration,
} from "./cluster.ts";
import { probeServer, socketUrl } from "./connect.ts";
import { StoreError } from "./errors.ts";
import { dataFolderOf, readServerPid, removeForeignPid, SOCKET_NUMBER, shortPathTo } from "./files.ts";

/** Key of the advisory lock that the store's holder keeps: "millrace" in ASCII, so that it meets no other tool's. */
const HOLDER_LOCK = "7883951835720016741";

/** A holder that was just killed lets go within milliseconds; a living one does not. */
const LOCK_PATIENCE_MS = 2_000;

/** Fast shutdown takes a tenth of a second; after this the server is ended without its leave. */
const STOP_PATIENCE_MS = 10_000;

const POLL_MS = 20;
const MAX_STARTS = 3;
const MAX_LOG_BYTES = 1_000_000;

export interface EmbeddedServerOptions {
  /** The store's own folder, absolute; made if missing. */
  folder: string;
  /** Whether a commit waits for the disk. Without it a power cut can lose data; a killed process cannot. */
  fsync: boolean;
  signal?: AbortSignal | undefined;
  /** See {@link findAccount}. */
  accountKinds?: readonly AccountKind[] | undefined;
}

/** A server that runs and is held by us. */
export interface EmbeddedServer {
  readonly connectionString: string;
  readonly accountKind: AccountKind;
  /** Holds the store; when it drops, the server is gone. */
  readonly holder: pg.Client;
  /** Ends the server at once; running transactions are rolled back. */
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL over a folder, or takes over the server that a killed process left running there.
 *
 * Whoever has {@link HOLDER_LOCK} in the server holds the store. The lock lives in a connection, so it goes with
 * the process however that ends, and of several that open at once exactly one gets it, whichever of them started
 * the server.
 *
 * There is no password to lose: the server listens on one Unix socket in a folder that only its owner may enter.
 *
 * @throws StoreError `store-in-use`, `store-folder-not-writable`, `store-no-account`, `store-unsupported-platform`,
 *   `store-start-failed`
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const { folder, fsync, signal } = options;
  const data = dataFolderOf(folder);
  await makeFolder(folder);
  const account = await findAccount(options.accountKinds);
  const socket = await shortPathTo(data);
  const connectionString = socketUrl(socket.path, { port: SOCKET_NUMBER, user: DATABASE_USER });

  let child: ChildProcess | undefined;
  try {
    for (let starts = 0; ; ) {
      signal?.throwIfAborted();
      const probe = await probeServer(connectionString);
      if (probe.state === "ready") {
        await hold(probe.client, folder);
        await removeUnfinished(folder);
        // One that was taken over may have been started under other settings.
        if (!isRunning(child)) await reconfigure(probe.client, data, fsync);
        const stop = () => stopServer(probe.client, data).finally(socket.remove);
        return { connectionString, accountKind: account.kind, holder: probe.client, stop };
      }
      if (probe.state === "absent" && !isRunning(child)) {
        if (starts++ === MAX_STARTS) throw startFailed(await tailOf(logOf(folder)));
        await prepareCluster(account, { folder, fsync, signal });
        child = await startServer(account, folder);
      }
      await delay(POLL_MS, undefined, { signal });
    }
  } catch (error) {
    // Another opener took the server over: then it is theirs to end.
    const isTheirs = error instanceof StoreError && error.code === "store-in-use";
    if (!isTheirs) child?.kill("SIGINT");
    await socket.remove();
    throw error;
  }
}

async function startServer(account: Account, folder: string): Promise<ChildProcess> {
  const data = dataFolderOf(folder);
  await removeForeignPid(data);
  const size = await stat(logOf(folder)).then(
    (found) => found.size,
    () => 0,
  );
  // A file, for a pipe would break when this process is killed and the server lives on.
  const log = await open(logOf(folder), size > MAX_LOG_BYTES ? "w" : "a", 0o600);
  try {
    const child = account.spawn("postgres", ["-D", HERE], {
      cwd: data,
      stdio: ["ignore", log.fd, log.fd],
      // Its own process group: Ctrl-C is for us, who end the server when the work has drained.
      detached: true,
    });
    child.on("error", () => {}); // Told by the log's end and by the exit, which the caller watches.
    child.unref();
    return child;
  } finally {
    await log.close();
  }
}

/** Takes the holder's lock on `client`, or ends the client. */
async function hold(client: pg.Client, folder: string): Promise<void> {
  const giveUpAt = performance.now() + LOCK_PATIENCE_MS;
  try {
    while (!(await tryLock(client))) {
      if (performance.now() > giveUpAt) {
        throw new StoreError("Another process uses this store.", {
          code: "store-in-use",
          details: folder,
          hints: ["Stop the other agent, or give this one a folder of its own."],
        });
      }
      await delay(POLL_MS);
    }
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}

async function tryLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>("SELECT pg_try_advisory_lock($1) AS held", [
    HOLDER_LOCK,
  ]);
  return rows[0]?.held === true;
}

async function reconfigure(client: pg.Client, data: string, fsync: boolean): Promise<void> {
  await writeConfiguration(data, { fsync });
  await client.query("SELECT pg_reload_conf()");
}

/** Asks for a fast shutdown, and insists when it does not come. */
async function stopServer(holder: pg.Client, data: string): Promise<void> {
  const pid = await readServerPid(data);
  await holder.end().catch(() => {});
  if (pid === undefined) return;
  const started = performance.now();
  for (const [signal, untilMs] of [
    ["SIGINT", STOP_PATIENCE_MS],
    ["SIGQUIT", STOP_PATIENCE_MS + 1_000],
    ["SIGKILL", STOP_PATIENCE_MS + 2_000],
  ] as const) {
    if (!send(signal, pid)) return;
    while (performance.now() - started < untilMs) {
      // The file goes last. The number alone would mislead: a dead orphan may keep it where nobody collects it.
      if ((await readServerPid(data)) !== pid || !send(0, pid)) return;
      await delay(POLL_MS);
    }
  }
}

/** Sends a signal; false when there is nobody to receive it. */
function send(signal: NodeJS.Signals | 0, pid: number): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

function isRunning(child: ChildProcess | undefined): boolean {
  return child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

function logOf(folder: string): string {
  return join(folder, "server.log");
}

async function tailOf(path: string): Promise<string> {
  const text = await readFile(path, "utf8").catch(() => "");
  return text.slice(-2_000);
}
