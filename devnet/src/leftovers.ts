import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "@millrace/provider-agent";

const PREFIX = "millrace-";
const OWNER_FILE = "owner.pid";

/** What a folder of a local network is called; see `mkdtemp`. */
export const folderPrefix = join(tmpdir(), PREFIX);

/** Marks a local network's folder as ours while this process lives. */
export async function markOwned(folder: string): Promise<void> {
  await writeFile(join(folder, OWNER_FILE), String(process.pid));
}

/** Removes what killed local networks left behind: their folders, and the database servers that still run in them. */
export async function removeLeftovers(): Promise<void> {
  const names = await readdir(tmpdir());
  for (const name of names.filter((candidate) => candidate.startsWith(PREFIX))) {
    const folder = join(tmpdir(), name);
    const pid = Number(await readFile(join(folder, OWNER_FILE), "utf8").catch(() => ""));
    // No mark: not one of ours, or another one that is just being made.
    if (!Number.isInteger(pid) || pid <= 0 || isAlive(pid)) continue;
    try {
      // Takes over a server that still runs there, which is the way to end it.
      const store = await openStore({ folder: join(folder, "store"), fsync: false });
      await store.close();
      await rm(folder, { recursive: true, force: true });
    } catch {
      // Another user's, or another process is at it already.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
