import { DatabaseSync } from "node:sqlite";
import { lockedError } from "./stateStore.ts";

const SQLITE_BUSY = 5;

/**
 * Holds a lock file until disposed or until the process ends, however it ends: the system's own file lock, which Node
 * offers only by way of SQLite. Files that name their owner need judging whether it still lives, and two processes that
 * judge at once can both come to hold them. The file itself stays.
 *
 * @throws MillraceError `locked`
 */
export function acquireLock(path: string, name: string): AsyncDisposable {
  const file = new DatabaseSync(path, { timeout: 0 });
  try {
    file.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    file.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) throw lockedError(name);
    throw error;
  }
  return {
    [Symbol.asyncDispose]: async () => {
      if (file.isOpen) file.close();
    },
  };
}
