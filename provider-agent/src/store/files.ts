import { chown, lchown, mkdtemp, readdir, readFile, readlink, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Linux keeps 108 bytes for a socket's path, macOS 104; the last is a zero. */
const MAX_SOCKET_PATH_BYTES = 103;

/** Names the socket file; no TCP port is opened. */
export const SOCKET_NUMBER = 5432;

/** Where the server's files lie within the store's folder. */
export function dataFolderOf(folder: string): string {
  return join(folder, "data");
}

/** The first line of `postmaster.pid`; undefined when no server is or was there. */
export async function readServerPid(data: string): Promise<number | undefined> {
  const text = await readFile(join(data, "postmaster.pid"), "utf8").catch(() => "");
  const pid = Number.parseInt(text, 10);
  return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined;
}

/**
 * Removes a `postmaster.pid` whose number now belongs to some other program, as happens after a container or a
 * machine restarts: PostgreSQL checks only that the number is alive, and would refuse to start for ever.
 */
export async function removeForeignPid(data: string): Promise<void> {
  const pid = await readServerPid(data);
  if (pid === undefined || process.platform !== "linux") return;
  const command = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => undefined);
  if (command === undefined) return; // A dead number is PostgreSQL's own business.
  // A server stands in its data folder. The link is readable to few, so it counts only where it can be read.
  const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
  const isOurs = command.trim() === "postgres" && (cwd === undefined || cwd === (await realpath(data)));
  if (!isOurs) await rm(join(data, "postmaster.pid"), { force: true });
}

/** Gives the whole tree to `owner`. Only root can, and only root needs to. */
export async function giveTo(folder: string, owner: number): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    await lchown(join(entry.parentPath, entry.name), owner, owner);
  }
  await chown(folder, owner, owner);
}

/** A path to `data` short enough for a Unix socket's address, and what takes it away again. */
export async function shortPathTo(data: string): Promise<{ path: string; remove: () => Promise<void> }> {
  const longest = `${data}/.s.PGSQL.${SOCKET_NUMBER}`;
  if (Buffer.byteLength(longest) <= MAX_SOCKET_PATH_BYTES) return { path: data, remove: async () => {} };
  const parent = await mkdtemp(join(tmpdir(), "mr-"));
  const path = join(parent, "d");
  await symlink(data, path);
  return { path, remove: () => rm(parent, { recursive: true, force: true }) };
}
