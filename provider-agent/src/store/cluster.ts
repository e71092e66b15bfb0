import { once } from "node:events";
import { constants } from "node:fs";
import { access, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Account } from "./account.ts";
import { StoreError } from "./errors.ts";
import { dataFolderOf, giveTo, SOCKET_NUMBER } from "./files.ts";

/** The only role; the socket's folder is the only way in. */
export const DATABASE_USER = "millrace";

/**
 * How the programs name their data folder: as the one they stand in. So they need no right to enter the folders
 * above it, which a home of mode 0700 denies to nobody, and the socket's path stays short.
 */
export const HERE = process.platform === "linux" ? "/proc/self/cwd" : ".";

const UNFINISHED = "unfinished-";

/** What initdb makes of a new cluster: UTF-8, sorted by code point, the same on every machine. */
const INITDB_ARGUMENTS = [
  `--pgdata=${HERE}`,
  `--username=${DATABASE_USER}`,
  "--auth=trust",
  "--encoding=UTF8",
  "--locale-provider=builtin",
  "--builtin-locale=C.UTF-8",
  "--wal-segsize=4",
  "--no-instructions",
];

/**
 * Makes the store's folder and in it, if there is none, a PostgreSQL cluster that belongs to `account`.
 *
 * initdb works in a folder of its own, renamed at the end: a cluster is whole or absent, whatever dies when.
 *
 * @throws StoreError `store-folder-not-writable`, `store-start-failed`
 */
export async function prepareCluster(
  account: Account,
  { folder, fsync, signal }: { folder: string; fsync: boolean; signal?: AbortSignal | undefined },
): Promise<void> {
  const data = dataFolderOf(folder);
  const owner = await ownerOf(data);
  if (owner === undefined) await createCluster(account, { folder, data, fsync, signal });
  else if (owner !== account.owner && process.getuid?.() === 0) await giveTo(data, account.owner ?? 0);
  await writeConfiguration(data, { fsync });
}

/**
 * Makes sure that the folder exists and is ours to write.
 *
 * @throws StoreError `store-folder-not-writable`
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    const uid = process.getuid?.();
    const owner = await ownerOf(dataFolderOf(folder));
    if (owner !== undefined && uid !== 0 && owner !== uid)
      throw new Error(`Its data belong to user ${owner}.`);
  } catch (cause) {
    throw new StoreError("The store's folder cannot be used.", {
      code: "store-folder-not-writable",
      details: cause instanceof Error ? cause.message : String(cause),
      hints: [`Make ${folder} writable for this user, or choose another folder.`],
      cause,
    });
  }
}

/** Writes the server's settings; a running server takes them over with `pg_reload_conf()`. */
export async function writeConfiguration(data: string, { fsync }: { fsync: boolean }): Promise<void> {
  const lines = [
    "listen_addresses = ''",
    `port = ${SOCKET_NUMBER}`,
    `unix_socket_directories = '${HERE}'`,
    `fsync = ${fsync ? "on" : "off"}`,
    // Every queue and worker keeps a pool of its own.
    "max_connections = 200",
    // A queue is small: little memory, no helper processes, none of the parts that serve replicas or big queries.
    "shared_buffers = '32MB'",
    "max_wal_size = '256MB'",
    "wal_level = minimal",
    "max_wal_senders = 0",
    "io_method = sync",
    "jit = off",
    "max_parallel_workers_per_gather = 0",
    "log_checkpoints = off",
    // Job data stay out of the log.
    "log_min_error_statement = panic",
  ];
  await writeFile(join(data, "postgresql.conf"), `${lines.join("\n")}\n`, { mode: 0o644 });
}

/** Takes away what an initdb left that died half-way. Only the holder of the store may do so. */
export async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(UNFINISHED)) continue;
    // One that is still being written belongs to an opener that lost; it removes its own.
    await rm(join(folder, name), { recursive: true, force: true }).catch(() => {});
  }
}

async function createCluster(
  account: Account,
  options: { folder: string; data: string; fsync: boolean; signal?: AbortSignal | undefined },
): Promise<void> {
  const { folder, data, fsync, signal } = options;
  const unfinished = await mkdtemp(join(folder, UNFINISHED));
  try {
    if (process.getuid?.() === 0) await giveTo(unfinished, account.owner ?? 0);
    const syncing = fsync ? [] : ["--no-sync"];
    const child = account.spawn("initdb", [...INITDB_ARGUMENTS, ...syncing], {
      cwd: unfinished,
      stdio: ["ignore", "ignore", "pipe"],
      signal,
    });
    let output = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    const [code] = await once(child, "close");
    if (code !== 0) throw startFailed(output);
    await rename(unfinished, data);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true, maxRetries: 5 });
    // Another opener was faster; its cluster serves both.
    if ((await ownerOf(data)) === undefined) throw error;
  }
}

/** The error of a server that could not be brought up; `log` is its own last word. */
export function startFailed(log: string): StoreError {
  return new StoreError("PostgreSQL did not start.", {
    code: "store-start-failed",
    details: log.trim(),
    hints: ["Set DATABASE_URL to use a PostgreSQL server of your own."],
  });
}

async function ownerOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    (found) => found.uid,
    () => undefined,
  );
}
