/** A price that rises from `from` to `to` within `rampSeconds`; the twin of Pricing.ramp in the contracts. */
export interface Ramp {
  from: bigint;
  to: bigint;
  rampSeconds: number;
}

const BPS = 10_000n;

/** Where a bid's ramp starts: a share of its limit, rounded down. */
export function rampStart(limit: bigint, startBps: number): bigint {
  return (limit * BigInt(startBps)) / BPS;
}

/** The price so many seconds after the start. */
export function rampPrice({ from, to, rampSeconds }: Ramp, elapsedSeconds: number): bigint {
  if (elapsedSeconds >= rampSeconds || from >= to) return to;
  return from + ((to - from) * BigInt(Math.max(0, elapsedSeconds))) / BigInt(rampSeconds);
}

/** The first second at which the price is at least `floor`; undefined if it never is. */
export function rampReaches({ from, to, rampSeconds }: Ramp, floor: bigint): number | undefined {
  if (to < floor) return undefined;
  if (from >= floor) return 0;
  // from < floor ≤ to, so the division is by more than zero.
  const span = to - from;
  return Number(((floor - from) * BigInt(rampSeconds) + span - 1n) / span);
}
