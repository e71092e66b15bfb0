import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readLines } from "../input/lines.ts";
import { acquireLock } from "./folderLock.ts";
import type { StateStore } from "./stateStore.ts";

/** State in a folder, readable by its owner alone: it holds the secrets of running batches. */
export function createFolderState(folder: string): StateStore {
  const pathOf = (key: string) => join(folder, ...key.split("/"));

  const writeLines: StateStore["writeLines"] = async (key, lines) => {
    const path = pathOf(key);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const draft = `${path}.${randomUUID()}.tmp`;
    const file = await open(draft, "wx", 0o600);
    try {
      let pending = "";
      for await (const line of lines) {
        pending += `${line}\n`;
        if (pending.length < 1 << 16) continue;
        await file.write(pending);
        pending = "";
      }
      if (pending) await file.write(pending);
      // The rename must not reach the disk before the content does.
      await file.sync();
      await file.close();
      await rename(draft, path);
      await syncFolder(dirname(path));
    } catch (error) {
      await file.close().catch(() => {});
      await rm(draft, { force: true });
      throw error;
    }
  };

  return {
    writeLines,
    write: (key, text) => writeLines(key, [text]),
    read: async (key) => {
      const text = await readFile(pathOf(key), "utf8").catch(whenMissing(undefined));
      return text?.slice(0, -1);
    },
    async *readLines(key) {
      const path = pathOf(key);
      const probe = await open(path).catch(whenMissing(undefined));
      if (!probe) return;
      await probe.close();
      for await (const { text } of readLines(createReadStream(path))) yield text;
    },
    list: async (key) => {
      const names = await readdir(pathOf(key)).catch(whenMissing([] as string[]));
      return names.filter((name) => !name.endsWith(".tmp")).sort();
    },
    lock: async (key) => {
      const path = pathOf(`${key}.lock`);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      return acquireLock(path, key);
    },
  };
}

/** Makes a rename last through a loss of power. Where folders cannot be opened (Windows) the system sees to it. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path).catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}

function whenMissing<T>(value: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === "ENOENT") return value;
    throw error;
  };
}
