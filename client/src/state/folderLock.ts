import { randomUUID } from "node:crypto";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { lockedError } from "./stateStore.ts";

/**
 * Holds a lock file while the process lives. A file left by a killed process is recognised by its process id and that
 * process's start time, as ids are used again. (Node has no flock, and lock libraries go by heartbeats, with which a
 * killed client could not resume at once.)
 */
export async function acquireLock(path: string, name: string): Promise<AsyncDisposable> {
  const mine = `${process.pid} ${await startTime(process.pid)} ${randomUUID()}`;
  for (;;) {
    const draft = `${path}.${randomUUID()}.tmp`;
    try {
      // Linked into place whole: a lock file is never seen empty.
      await writeFile(draft, mine, { flag: "wx", mode: 0o600 });
      await link(draft, path);
      return {
        [Symbol.asyncDispose]: async () => {
          // Not ours any more if someone judged us dead; then it is not ours to remove.
          if ((await readOwner(path)) === mine) await rm(path, { force: true });
        },
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    } finally {
      await rm(draft, { force: true });
    }
    const owner = await readOwner(path);
    if (owner === undefined) continue;
    const [pid = "", started = ""] = owner.split(" ");
    if (await isAlive(Number(pid), started)) throw lockedError(name, `process ${pid}`);
    await removeStale(path, owner);
  }
}

/** Moves the file aside before removing it, so that of two processes that found it stale only one removes it. */
async function removeStale(path: string, owner: string): Promise<void> {
  const aside = `${path}.${randomUUID()}.tmp`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  if ((await readOwner(aside)) === owner) await rm(aside, { force: true });
  else await rename(aside, path);
}

async function readOwner(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}

async function isAlive(pid: number, started: string): Promise<boolean> {
  if (!Number.isSafeInteger(pid) || pid < 1) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, and belongs to someone else.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return (await startTime(pid)) === started;
}

/** When a process started, in the kernel's ticks; `-` where the system does not say. */
async function startTime(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The command's name may hold spaces; fields are counted after its closing parenthesis. Start time is field 22.
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "-";
}
