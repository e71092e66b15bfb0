import { MillraceError } from "@millrace/protocol";

/**
 * Where a client keeps what it must not lose: secrets, requests and verified results. Keys are paths such as
 * `batches/batch_1/record.json`. Every write is atomic and durable once it resolves.
 */
export interface StateStore {
  read(key: string): Promise<string | undefined>;
  write(key: string, text: string): Promise<void>;
  /** Reads what {@link writeLines} wrote; nothing if the key does not exist. */
  readLines(key: string): AsyncIterable<string>;
  /** Writes lines (without line ends) as they come; the key holds the old or the new ones, never a part. */
  writeLines(key: string, lines: Iterable<string> | AsyncIterable<string>): Promise<void>;
  /** Names of what lies directly beneath a key, sorted. */
  list(key: string): Promise<string[]>;
  /**
   * Holds a name for this process until disposed.
   *
   * @throws MillraceError `locked` if another process, or another part of this one, holds it.
   */
  lock(key: string): Promise<AsyncDisposable>;
  /** Whether somebody holds a name, where that can be told without taking it. */
  isLocked?(key: string): Promise<boolean>;
}

export function lockedError(key: string): MillraceError {
  return new MillraceError(`${key} is in use already, most likely by another process or tab.`, {
    code: "locked",
    retryable: true,
    hints: ["Wait for it to finish, or stop it; then try again."],
  });
}
