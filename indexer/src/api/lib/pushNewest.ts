/** So that proxies do not take a quiet connection for a dead one. */
const SIGN_OF_LIFE_MS = 15_000;
/** Who takes nothing for so long is gone, or never meant to read. */
const STALL_MS = 30_000;

export interface PushOptions<T> {
  /** Calls `push` with each value there is, until it is called itself. */
  follow: (push: (value: T) => void) => () => void;
  /** Resolves once the other side has room for more. */
  write: (value: T | undefined) => Promise<unknown>;
  /** Ends the connection: the other side takes nothing any more. */
  giveUp: () => void;
  signal: AbortSignal;
}

/**
 * Writes values to somebody as fast as they take them, and of those that came meanwhile the newest alone: so that nobody
 * makes us keep more than one. Writes undefined as a sign of life where none came for 15 s; gives up on a write that
 * takes 30 s.
 */
export async function pushNewest<T>({ follow, write, giveUp, signal }: PushOptions<T>): Promise<void> {
  let newest: T | undefined;
  let wake = () => {};
  const unfollow = follow((value) => {
    newest = value;
    wake();
  });
  signal.addEventListener("abort", () => wake());
  try {
    while (!signal.aborted) {
      if (newest === undefined) {
        const { promise: woken, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        const timer = setTimeout(resolve, SIGN_OF_LIFE_MS);
        await woken;
        clearTimeout(timer);
        if (signal.aborted) return;
      }
      const value = newest;
      newest = undefined;
      const stalled = setTimeout(giveUp, STALL_MS);
      try {
        await write(value);
      } finally {
        clearTimeout(stalled);
      }
    }
  } finally {
    unfollow();
  }
}
