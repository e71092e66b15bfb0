import { MillraceError } from "@millrace/protocol";
import { nameChainError } from "./chainErrors.ts";
import type { Clock } from "./clock.ts";

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 15_000;

/**
 * Repeats a read for as long as it fails with something that may pass. A batch under way has no better choice than to
 * wait for its chain.
 *
 * @throws the first error that is not retryable, or the signal's reason
 */
export async function retryReads<T>(
  read: () => Promise<T>,
  { clock, signal, onError }: { clock: Clock; signal: AbortSignal; onError: (error: MillraceError) => void },
): Promise<T> {
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS)) {
    signal.throwIfAborted();
    try {
      return await read();
    } catch (error) {
      const named = nameChainError(error);
      if (!(named instanceof MillraceError) || !named.retryable) throw named;
      onError(named);
    }
    await clock.sleep(delayMs, signal);
  }
}
