import type { IndexedOffer } from "@millrace/protocol";

/** The part of what live offers offered that is taken, 0 to 1; undefined where nothing is on offer. */
export function fillOf(
  offers: readonly Pick<IndexedOffer, "capacityItems" | "filledItems">[],
): number | undefined {
  const capacity = offers.reduce((sum, { capacityItems }) => sum + capacityItems, 0);
  if (capacity === 0) return undefined;
  return offers.reduce((sum, { filledItems }) => sum + filledItems, 0) / capacity;
}
