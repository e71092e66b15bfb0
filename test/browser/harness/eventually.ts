import { expect } from "vitest";

/** Polls until it holds, for as long as a machine with much else to do may need. */
export function eventually<T>(read: () => T) {
  return expect.poll(read, { timeout: 120_000, interval: 200 });
}
