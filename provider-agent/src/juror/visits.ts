import type { Logger } from "pino";
import type { Hex } from "viem";

/** Cases that are looked at again and again until they are over. */
export interface Visits {
  /** Looks at a case now, or again if it is being looked at; from now on also by itself. */
  wake(lotId: Hex): void;
  wakeAll(): void;
  has(lotId: Hex): boolean;
  readonly lotIds: readonly Hex[];
  /** Ends when what is under way has ended; the signal should have aborted. */
  close(): Promise<void>;
}

interface Visited {
  running: Promise<void> | undefined;
  again: boolean;
  timer: NodeJS.Timeout | undefined;
}

/** Timers take no more. */
const MOST_DELAY_SECONDS = 86_400;

/**
 * @param visit does what there is to do for a case, and says after how many seconds to look again; undefined: never. Its
 * failures are logged and repeated after `retrySeconds`.
 */
export function createVisits({
  visit,
  retrySeconds,
  logger,
  signal,
}: {
  visit: (lotId: Hex) => Promise<number | undefined>;
  retrySeconds: number;
  logger: Logger;
  signal: AbortSignal;
}): Visits {
  const cases = new Map<Hex, Visited>();

  function wake(lotId: Hex): void {
    if (signal.aborted) return;
    const visited = cases.get(lotId) ?? { running: undefined, again: false, timer: undefined };
    cases.set(lotId, visited);
    clearTimeout(visited.timer);
    if (visited.running !== undefined) visited.again = true;
    else visited.running = run(lotId, visited);
  }

  async function run(lotId: Hex, visited: Visited): Promise<void> {
    visited.again = false;
    const seconds = await visit(lotId).catch((error: unknown) => {
      if (!signal.aborted) logger.warn({ lotId, error: String(error) }, "a case cannot be seen to now");
      return retrySeconds;
    });
    visited.running = undefined;
    if (signal.aborted) return;
    if (visited.again) return wake(lotId);
    if (seconds === undefined) {
      cases.delete(lotId);
      return;
    }
    visited.timer = setTimeout(() => wake(lotId), Math.min(MOST_DELAY_SECONDS, seconds) * 1_000);
  }

  return {
    wake,
    wakeAll: () => {
      for (const lotId of [...cases.keys()]) wake(lotId);
    },
    has: (lotId) => cases.has(lotId),
    get lotIds() {
      return [...cases.keys()];
    },
    async close() {
      for (const { timer } of cases.values()) clearTimeout(timer);
      await Promise.all([...cases.values()].map(({ running }) => running));
    },
  };
}
