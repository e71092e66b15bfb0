import { TOKENS_PER_PRICE } from "@millrace/protocol";

/** What of an offer says how it may be cut into lots. */
export interface LotTerms {
  promptPricePerMillion: bigint;
  outputPricePerMillion: bigint;
  capacityItems: number;
  filledItems: number;
  minLotItems: number;
  maxLotItems: number;
  /** Of a lot at its caps, in base units. */
  minLotValue: bigint;
}

/**
 * The most items, of so many, that an offer takes in lots as the Market has them: none smaller, larger or of less value
 * than the offer says.
 *
 * @param caps tokens of each item
 */
export function takenOf(
  offer: LotTerms,
  { items, promptTokens, outputTokens }: { items: number; promptTokens: number; outputTokens: number },
): number {
  const room = Math.min(items, offer.capacityItems - offer.filledItems);
  const price =
    BigInt(promptTokens) * offer.promptPricePerMillion + BigInt(outputTokens) * offer.outputPricePerMillion;
  const smallest = Math.max(offer.minLotItems, leastItems(price, offer.minLotValue));
  if (smallest > offer.maxLotItems) return 0;
  // As many lots as there can be hold the most: each of them can grow until it is full.
  return Math.min(room, Math.floor(room / smallest) * offer.maxLotItems);
}

/** How many items are worth so much, rounded up as `costUp` does. */
function leastItems(pricePerMillionItems: bigint, value: bigint): number {
  if (value === 0n) return 1;
  if (pricePerMillionItems === 0n) return Number.POSITIVE_INFINITY;
  return Number(((value - 1n) * TOKENS_PER_PRICE) / pricePerMillionItems + 1n);
}
