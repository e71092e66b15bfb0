import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { formatNetwork, MillraceError, type Network } from "@millrace/protocol";
import { freePort } from "./freePort.ts";
import { isReady } from "./isReady.ts";
import { schemaName } from "./schemaName.ts";

export interface IndexerOptions {
  network: Network;
  /** Of a PostgreSQL server. Default: an embedded store in `folder`. */
  databaseUrl?: string | undefined;
  /** Of the embedded store. Default: a temporary one, removed at the end. */
  folder?: string | undefined;
  /** Of the database. One that other code has written is refused. Default: see `schemaName`. */
  schema?: string | undefined;
  /** Default: any free one. */
  port?: number | undefined;
  /** Where it listens. Default: 127.0.0.1. */
  host?: string | undefined;
  /** Default: 100 on local chains, else 1,000. */
  pollingIntervalMs?: number | undefined;
  /** How often a second the chain's node is asked at most, in steps of 20. Default: 1,000 on local chains, else 20. */
  requestsPerSecond?: number | undefined;
  /** Of what it writes to stderr. Default: `warn`. */
  logLevel?: "silent" | "error" | "warn" | "info" | "debug" | undefined;
  /** How long it may take to have read what there is. Default: forever. */
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** An indexer in a process of its own. */
export interface Indexer extends AsyncDisposable {
  /** Where it answers, without `/v1`. */
  readonly url: string;
  readonly schema: string;
  readonly process: ChildProcess;
  close(): Promise<void>;
}

const CLOSE_TIMEOUT_MS = 10_000;
const REQUESTS_PER_SHARE = 20;
const LAST_LINES = 20;

/**
 * Starts an indexer and waits until it has read all that there is.
 *
 * @throws MillraceError `indexer-failed` with the end of its log; the signal's reason
 * @example
 * await using indexer = await createIndexer({ network });
 * const book = await fetch(`${indexer.url}/v1/models`);
 */
export async function createIndexer(options: IndexerOptions): Promise<Indexer> {
  const { network, host = "127.0.0.1", signal } = options;
  signal?.throwIfAborted();
  await using opened = new AsyncDisposableStack();
  const schema = options.schema ?? (await schemaName(network, signal));
  const port = options.port || (await freePort(host));
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "millrace-indexer-")));
  if (options.folder === undefined) opened.defer(() => rm(folder, { recursive: true, force: true }));
  // Nothing else may lie in the store's folder.
  const database = join(folder, "database");
  if (options.databaseUrl === undefined) await mkdir(database, { recursive: true });

  const { child, log } = start(options, { schema, port, host, database });
  const exited = once(child, "exit");
  opened.defer(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), CLOSE_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  });
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const { timeoutMs = Number.POSITIVE_INFINITY } = options;
  await isReady(url, { child, timeoutMs, signal }).catch((cause: unknown) => {
    signal?.throwIfAborted();
    throw new MillraceError("The indexer did not start.", {
      code: "indexer-failed",
      details: log.slice(-LAST_LINES).join("\n"),
      cause,
    });
  });

  const owned = opened.move();
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= owned.disposeAsync();
    return closed;
  };
  return { url, schema, process: child, close, [Symbol.asyncDispose]: close };
}

function start(
  { network, databaseUrl, pollingIntervalMs, requestsPerSecond, logLevel = "warn" }: IndexerOptions,
  { schema, port, host, database }: { schema: string; port: number; host: string; database: string },
): { child: ChildProcess; log: string[] } {
  const root = fileURLToPath(new URL("../", import.meta.url));
  const runner = fileURLToPath(new URL("./run.ts", import.meta.url));
  const { DATABASE_URL: _, ...inherited } = process.env;
  const flags = ["--log-format", "json", "--log-level", "info", "start", "--schema", schema];
  const address = ["--port", String(port), "--hostname", host];
  // What its libraries deprecate is nothing to those who run it.
  const child = spawn(
    process.execPath,
    ["--disable-warning=DeprecationWarning", runner, ...flags, ...address],
    {
      // Ponder reads its configuration, and writes what it generates, where it is started.
      cwd: root,
      env: {
        ...inherited,
        PONDER_TELEMETRY_DISABLED: "1",
        MILLRACE_INDEXER_NETWORK: formatNetwork(network),
        MILLRACE_INDEXER_DATABASE: database,
        ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
        ...(pollingIntervalMs !== undefined && { MILLRACE_INDEXER_POLLING_MS: String(pollingIntervalMs) }),
        ...(requestsPerSecond !== undefined && {
          MILLRACE_INDEXER_RPC_SHARES: String(Math.ceil(requestsPerSecond / REQUESTS_PER_SHARE)),
        }),
      },
      // The channel is only there to close: an indexer whose parent died stops too.
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      // Its own process group: Ctrl-C is for us, who end it in our turn.
      detached: true,
    },
  );
  const log: string[] = [];
  const keep = (line: string) => {
    if (log.push(line) > 2 * LAST_LINES) log.splice(0, LAST_LINES);
    // That it was told to stop is no news to who told it.
    if (!child.killed && isLoud(line, logLevel)) process.stderr.write(`${line}\n`);
  };
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream! }).on("line", keep);
  return { child, log };
}

const levels = { silent: Number.POSITIVE_INFINITY, error: 50, warn: 40, info: 30, debug: 20 } as const;

/** Lines that are not Ponder's are errors that nobody caught. */
function isLoud(line: string, logLevel: keyof typeof levels): boolean {
  const level = /"level":(\d+)/.exec(line)?.[1];
  return Number(level ?? levels.error) >= levels[logLevel];
}
