import { MillraceError } from "@millrace/protocol";
import { nameChainError } from "./chainErrors.ts";
import type { Clock } from "./clock.ts";

const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 15_000;

/**
 * Work that runs beside a loop, at most once at a time under each name. What fails and may be retried can be started
 * again after a growing delay; what fails for good cannot.
 */
export class Tasks {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #onError: (error: MillraceError) => void;
  readonly #running = new Map<string, Promise<void>>();
  readonly #failures = new Map<string, { count: number; notBeforeMs: number }>();
  #wake = new AbortController();

  constructor(options: { clock: Clock; signal: AbortSignal; onError: (error: MillraceError) => void }) {
    this.#clock = options.clock;
    this.#signal = options.signal;
    this.#onError = options.onError;
  }

  /** How many run now whose names begin with this word. */
  countRunning(kind: string): number {
    let count = 0;
    for (const name of this.#running.keys()) if (name.startsWith(`${kind} `)) count++;
    return count;
  }

  /** Starts `work` unless it runs, failed for good, or failed too recently. */
  start(name: string, work: () => Promise<void>): void {
    const failed = this.#failures.get(name);
    if (this.#running.has(name) || (failed && failed.notBeforeMs > this.#clock.now())) return;
    const run = work()
      .then(() => {
        // Unless the work itself asked for a delay.
        if (this.#failures.get(name) === failed) this.#failures.delete(name);
      })
      .catch((error: unknown) => {
        if (!this.#signal.aborted) this.#fail(name, error);
      })
      .finally(() => {
        this.#running.delete(name);
        this.#wake.abort();
      });
    this.#running.set(name, run);
  }

  /** Starts `work`, and never again once it has succeeded. */
  startOnce(name: string, work: () => Promise<void>): void {
    this.start(name, async () => {
      await work();
      this.#failures.set(name, { count: 1, notBeforeMs: Number.POSITIVE_INFINITY });
    });
  }

  /** Makes `name` wait before its next start, as if it had failed. */
  delay(name: string): void {
    const count = (this.#failures.get(name)?.count ?? 0) + 1;
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (count - 1), LONGEST_DELAY_MS);
    this.#failures.set(name, { count, notBeforeMs: this.#clock.now() + delayMs });
  }

  /** Sleeps until a task ends, `ms` pass, or the signal aborts. */
  async rest(ms: number): Promise<void> {
    await this.#clock.sleep(ms, AbortSignal.any([this.#signal, this.#wake.signal]));
    if (this.#wake.signal.aborted) this.#wake = new AbortController();
  }

  /** Waits for all that runs. */
  async settled(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  #fail(name: string, error: unknown): void {
    const named = nameChainError(error);
    const known =
      named instanceof MillraceError
        ? named
        : new MillraceError(named instanceof Error ? named.message : String(named), {
            code: "internal",
            cause: named,
          });
    if (known.retryable) this.delay(name);
    else this.#failures.set(name, { count: 1, notBeforeMs: Number.POSITIVE_INFINITY });
    this.#onError(known);
  }
}
