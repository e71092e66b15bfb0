import type { LotView, PaidLots } from "@millrace/client";
import { formatCount } from "../../components/formats.ts";
import { itemsOf } from "./itemsOf.ts";

/** What became of lots that were to be paid, in words. */
export function paidWords({ paid, skipped }: PaidLots, lots: readonly LotView[]): string {
  const all = paid.length === 1 ? "The lot is paid." : `${formatCount(paid.length)} lots are paid.`;
  if (skipped.length === 0) return all;
  const left = lots.filter(({ lotId }) => skipped.includes(lotId)).map(({ lot }) => itemsOf(lot));
  const some = paid.length === 0 ? "Nothing was paid by this." : all;
  return `${some} Left as they were, for somebody was quicker or they are held: ${left.join(", ")}.`;
}
