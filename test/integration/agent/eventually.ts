import { expect } from "vitest";

/** Polls until it holds, for long enough on a machine with much else to do. */
export function eventually<T>(read: () => T) {
  return expect.poll(read, { timeout: 60_000, interval: 50 });
}
