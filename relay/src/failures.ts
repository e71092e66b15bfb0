import { RelayError } from "./errors.ts";
import { networkOf } from "./slots.ts";

const WINDOW_MS = 60_000;

/**
 * Bounds how often one network address may ask in vain. Each such request costs the relay a question to its node;
 * honest ones all but never fail, so they never meet this.
 */
export class Failures {
  readonly #perMinute: number;
  readonly #now: () => number;
  #counts = new Map<string, number>();
  #windowEndsMs = 0;

  constructor(perMinute: number, now: () => number) {
    this.#perMinute = perMinute;
    this.#now = now;
  }

  /** @throws RelayError `too-many-failures` */
  check(address: string | undefined): void {
    if (this.#now() >= this.#windowEndsMs) {
      this.#counts = new Map();
      this.#windowEndsMs = this.#now() + WINDOW_MS;
    }
    if ((this.#counts.get(networkOf(address)) ?? 0) < this.#perMinute) return;
    throw new RelayError("Too many of your requests have failed.", { code: "too-many-failures" });
  }

  count(address: string | undefined): void {
    const network = networkOf(address);
    this.#counts.set(network, (this.#counts.get(network) ?? 0) + 1);
  }
}
