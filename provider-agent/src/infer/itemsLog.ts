import { type FileHandle, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ItemResult } from "@millrace/protocol";
import { readBytesIfAny, syncFolder } from "../lots/files.ts";
import { lotFiles } from "../lots/lotBook.ts";

/** The finished items of a lot, on disk: one line each, appended, never changed. */
export interface ItemsLog {
  /** Finished items by their place in the lot. */
  readonly done: ReadonlyMap<number, ItemResult>;
  /** Resolves once the item is on disk. Items of the same moment share one flush. */
  append(index: number, result: ItemResult): Promise<void>;
  close(): Promise<void>;
}

const NEWLINE = 0x0a;

/** Opens a lot's log. A line torn by a crash is cut off; its item counts as never done. */
export async function openItemsLog(folder: string): Promise<ItemsLog> {
  const path = join(folder, lotFiles.items);
  const { done, validBytes } = await readLog(path);
  const file = await open(path, "a", 0o600);
  await file.truncate(validBytes);
  await syncFolder(dirname(path));

  let lines: string[] = [];
  let flushing: Promise<void> | undefined;
  const flush = async () => {
    // Whatever arrived while the last flush was writing goes into this one.
    const text = lines.join("");
    lines = [];
    await writeAll(file, text);
    await file.datasync();
  };
  let next: Promise<void> | undefined;
  const schedule = (): Promise<void> => {
    next ??= (flushing ?? Promise.resolve())
      .catch(() => {})
      .then(() => {
        next = undefined;
        flushing = flush();
        return flushing;
      });
    return next;
  };

  let closed: Promise<void> | undefined;
  return {
    done,
    append(index, result) {
      done.set(index, result);
      lines.push(`${JSON.stringify({ index, result })}\n`);
      return schedule();
    },
    close() {
      closed ??= (async () => {
        await (next ?? flushing)?.catch(() => {});
        await file.close();
      })();
      return closed;
    },
  };
}

async function writeAll(file: FileHandle, text: string): Promise<void> {
  await file.appendFile(text, "utf8");
}

async function readLog(path: string): Promise<{ done: Map<number, ItemResult>; validBytes: number }> {
  const bytes = (await readBytesIfAny(path)) ?? Buffer.alloc(0);
  const done = new Map<number, ItemResult>();
  let validBytes = 0;
  for (;;) {
    const end = bytes.indexOf(NEWLINE, validBytes);
    if (end < 0) break;
    const entry = parseLine(bytes.toString("utf8", validBytes, end));
    if (!entry) break;
    done.set(entry.index, entry.result);
    validBytes = end + 1;
  }
  return { done, validBytes };
}

function parseLine(line: string): { index: number; result: ItemResult } | undefined {
  try {
    return JSON.parse(line) as { index: number; result: ItemResult };
  } catch {
    return undefined;
  }
}
