import { formatCount } from "../../components/formats.ts";

/** Which items of its job a lot has, as people count them: from 1. */
export function itemsOf({ firstItem, itemCount }: { firstItem: number; itemCount: number }): string {
  return itemCount === 1
    ? `Item ${formatCount(firstItem + 1)}`
    : `Items ${formatCount(firstItem + 1)} to ${formatCount(firstItem + itemCount)}`;
}
