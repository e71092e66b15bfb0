import type { LotView } from "../batches/jobView.ts";

/** A lot's cases about what was computed. */
export const heardCases = ({ cases }: LotView) => cases.filter(({ kind }) => kind !== "delivery");

/** What a job's lots have in bonds of this side. */
export function bondsOf(lots: Iterable<LotView>): bigint {
  let sum = 0n;
  for (const { cases } of lots) for (const { phase, bonds } of cases) if (phase !== "concluded") sum += bonds;
  return sum;
}
