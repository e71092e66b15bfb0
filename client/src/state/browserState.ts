import { MillraceError } from "@millrace/protocol";
import { chunksOf } from "../core/chunksOf.ts";
import { readLines } from "../input/lines.ts";
import { lockedError, type StateStore } from "./stateStore.ts";

const STORE = "texts";
/** Lines are gathered into parts of about so many characters on their way. */
const PART_LENGTH = 1 << 16;

/**
 * State in the browser's IndexedDB, for all pages of one origin; locks are Web Locks, which a closed or crashed tab gives
 * back. It holds the secrets of running batches: whatever runs on the origin can read them. A browser that is short of
 * space may clear it, unless `navigator.storage.persist()` was granted.
 *
 * @param name of the database. Default: millrace.
 * @throws MillraceError `browser-unsupported` by each method, where IndexedDB or Web Locks are missing
 */
export function createBrowserState({ name = "millrace" }: { name?: string } = {}): StateStore {
  let opening: Promise<IDBDatabase> | undefined;
  const database = (): Promise<IDBDatabase> => {
    opening ??= openDatabase(name, () => {
      opening = undefined;
    }).catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };

  const find = async (key: string): Promise<Blob | undefined> => {
    const store = (await database()).transaction(STORE).objectStore(STORE);
    return (await resultOf(store.get(key))) as Blob | undefined;
  };

  const writeLines: StateStore["writeLines"] = async (key, lines) => {
    // A transaction closes by itself while others are waited for: all is gathered first, which a Blob does out of memory.
    const parts: Blob[] = [];
    let pending = "";
    for await (const line of lines) {
      pending += `${line}\n`;
      if (pending.length < PART_LENGTH) continue;
      parts.push(new Blob([pending]));
      pending = "";
    }
    const transaction = (await database()).transaction(STORE, "readwrite", { durability: "strict" });
    transaction.objectStore(STORE).put(new Blob([...parts, pending]), key);
    await completed(transaction);
  };

  return {
    writeLines,
    write: (key, text) => writeLines(key, [text]),
    read: async (key) => (await (await find(key))?.text())?.slice(0, -1),
    async *readLines(key) {
      const blob = await find(key);
      if (!blob) return;
      for await (const { text } of readLines(chunksOf(blob.stream()))) yield text;
    },
    list: async (key) => {
      const store = (await database()).transaction(STORE).objectStore(STORE);
      // All that begin with it: no character sorts behind the last.
      const keys = await resultOf(store.getAllKeys(IDBKeyRange.bound(`${key}/`, `${key}/\uffff`)));
      const names = keys.map(
        (found) =>
          String(found)
            .slice(key.length + 1)
            .split("/")[0]!,
      );
      return [...new Set(names)].sort();
    },
    isLocked: async (key) => {
      // Where there are none, nobody holds one.
      const { held = [] } = (await globalThis.navigator?.locks?.query()) ?? {};
      return held.some((lock) => lock.name === `${name}/${key}`);
    },
    lock: (key) => holdLock(`${name}/${key}`, key),
  };
}

function openDatabase(name: string, onClosed: () => void): Promise<IDBDatabase> {
  if (typeof indexedDB === "undefined") throw unsupported("IndexedDB");
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(STORE);
  };
  return resultOf(request).then((database) => {
    database.onclose = onClosed;
    // Another page that deletes or upgrades the database would wait for this one.
    database.onversionchange = () => {
      database.close();
      onClosed();
    };
    return database;
  });
}

function holdLock(lockName: string, key: string): Promise<AsyncDisposable> {
  if (!globalThis.navigator?.locks) return Promise.reject(unsupported("Web Locks"));
  return new Promise((resolve, reject) => {
    const held = Promise.withResolvers<void>();
    const request = navigator.locks.request(lockName, { ifAvailable: true }, async (lock) => {
      if (!lock) throw lockedError(key);
      resolve({
        [Symbol.asyncDispose]: async () => {
          held.resolve();
          // The lock is free only once the request is over.
          await request.catch(() => {});
        },
      });
      await held.promise;
    });
    request.catch(reject);
  });
}

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(failed(request.error));
  });
}

function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = () => reject(failed(transaction.error));
    transaction.onabort = () => reject(failed(transaction.error));
  });
}

function failed(cause: DOMException | null): MillraceError {
  return new MillraceError("The browser's storage failed.", {
    code: "browser-storage-failed",
    ...(cause && { details: `${cause.name}: ${cause.message}`, cause }),
    hints: ["Make room on the disk, and leave private browsing."],
  });
}

function unsupported(what: string): MillraceError {
  return new MillraceError(`This browser has no ${what} here.`, {
    code: "browser-unsupported",
    hints: ["Use a current browser, over https or on this computer."],
  });
}
