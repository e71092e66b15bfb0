import type { BookQuote } from "@millrace/protocol";

/** How large a batch is. */
export interface BatchSize {
  items: number;
  /** Of each item. */
  promptTokens: number;
  /** Of each item. */
  outputTokens: number;
}

/** A batch of a usual size whose requests fit into the model's context. */
export const presetFor = (contextTokens: number): BatchSize => ({
  items: 1_000,
  promptTokens: Math.min(500, Math.floor((contextTokens * 2) / 3)),
  outputTokens: Math.min(250, Math.floor(contextTokens / 3)),
});

/** What of a batch is to be priced elsewhere beside its quote: as much as that covers; where it covers nothing, all. */
export function comparableBatch(
  batch: BatchSize,
  { items, unfilledItems }: Pick<BookQuote, "items" | "unfilledItems">,
): BatchSize {
  return { ...batch, items: items - unfilledItems || items };
}
