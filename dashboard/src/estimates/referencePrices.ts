import { z } from "zod";
import file from "../reference-prices.json" with { type: "json" };

const referencePrice = z.object({
  service: z.string().min(1),
  model: z.string().min(1),
  mode: z.enum(["standard", "batch"]),
  promptUsdPerMillion: z.number().nonnegative(),
  outputUsdPerMillion: z.number().nonnegative(),
  /** The month for which the source has it. */
  asOf: z.string().regex(/^\d{4}-\d{2}$/),
  source: z.url(),
});

/** What a central service asks, and who says so. */
export type ReferencePrice = z.output<typeof referencePrice>;

export const referencePrices: readonly ReferencePrice[] = z.array(referencePrice).parse(file.prices);

/** Whole months from a price's month to `now`. @param now Unix seconds */
export function monthsOld({ asOf }: Pick<ReferencePrice, "asOf">, now: number): number {
  const [year, month] = asOf.split("-").map(Number) as [number, number];
  const date = new Date(now * 1_000);
  return Math.max(0, (date.getUTCFullYear() - year) * 12 + date.getUTCMonth() + 1 - month);
}

/** What a batch would cost there, in US dollars. Tokens are an item's. */
export function referenceCostUsd(
  { promptUsdPerMillion, outputUsdPerMillion }: ReferencePrice,
  { items, promptTokens, outputTokens }: { items: number; promptTokens: number; outputTokens: number },
): number {
  return (items * (promptTokens * promptUsdPerMillion + outputTokens * outputUsdPerMillion)) / 1_000_000;
}
