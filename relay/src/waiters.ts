/** Those who wait for a blob to come. */
export class Waiters {
  readonly #wakers = new Map<string, Set<() => void>>();
  #closed = false;

  /** Returns when `name` is announced, after `timeoutMs`, when `signal` aborts, or when this is closed. */
  async wait(name: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (this.#closed || signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    const wakers = this.#wakers.get(name) ?? new Set();
    this.#wakers.set(name, wakers.add(wake));
    const timer = setTimeout(wake, timeoutMs);
    signal.addEventListener("abort", wake, { once: true });
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", wake);
      wakers.delete(wake);
      if (wakers.size === 0 && this.#wakers.get(name) === wakers) this.#wakers.delete(name);
    }
  }

  announce(name: string): void {
    for (const wake of this.#wakers.get(name) ?? []) wake();
  }

  /** Wakes everybody; from now on nobody waits. */
  close(): void {
    this.#closed = true;
    for (const wakers of this.#wakers.values()) for (const wake of wakers) wake();
  }

  get closed(): boolean {
    return this.#closed;
  }
}
