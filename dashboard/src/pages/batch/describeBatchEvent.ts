import type { BatchEvent, Trust } from "@millrace/client";
import { formatTokens, shorten } from "../../components/formats.ts";
import { verdictWords } from "../../court/caseWords.ts";
import { formatRatio } from "../../court/voteRatio.ts";
import type { Unit } from "../../market/useAsset.ts";

const trustWords: Record<Trust, string> = {
  checked: "some of each lot are computed again here",
  "checked by another provider": "some of each lot are scored by two other providers",
  "objective faults only": "by hashes alone",
};

/** One line about something that happened to a batch. */
export function describeBatchEvent(event: BatchEvent, { decimals, symbol }: Unit): string {
  const amount = (value: bigint) => `${formatTokens(value, decimals)} ${symbol}`;
  const items =
    "firstItem" in event ? `Items ${event.firstItem + 1} to ${event.firstItem + event.itemCount}` : "";
  const by = "provider" in event ? shorten(event.provider) : "";
  switch (event.type) {
    case "started":
      return event.isResumed ? "The batch goes on." : "The batch begins.";
    case "opened":
      return `A job for ${event.model} is open: ${event.itemCount} items, ${event.bidItems} of them as a bid.`;
    case "lot-assigned":
      return `${items}: taken by ${by}.`;
    case "input-sent":
      return `${items}: sent to ${by}, encrypted.`;
    case "lot-submitted":
      return `${items}: answered by ${by}, for ${amount(event.due)}.`;
    case "checking":
      return `How answers are checked: ${trustWords[event.trust]}${event.reason ? `, for ${event.reason}` : ""}.`;
    case "lot-verified":
      return `${items}: all answers agree with what was committed to${event.failedItems > 0 ? `; ${event.failedItems} failed` : ""}.`;
    case "lot-checked":
      return `${items}: ${event.items} computed again, ${formatRatio(event.ratio)} of what honest machines differ by.`;
    case "lot-faulty":
      return `Item ${event.item + 1} was not computed as agreed: ${formatRatio(event.ratio)}.`;
    case "challenge-impossible":
      return `${items}: cannot be taken to court, as ${event.reason}.`;
    case "lot-unverified":
      return `${items}: ${event.message}`;
    case "lot-settled":
      return `${items}: paid ${amount(event.paid)}, and ${amount(event.fee)} in fees.`;
    case "lot-held":
      return `${items}: held, ${event.cause}.`;
    case "lot-reopened":
      return `${items}: ${event.cause}; they wait for another provider.`;
    case "lot-closed":
      return `${items}: withdrawn.`;
    case "case-opened":
      return `Item ${event.item + 1} is before the court, with a bond of ${amount(event.bond)}.`;
    case "delivery-demanded":
      return `${items}: delivery demanded once more.`;
    case "jury-drawn":
      return `${items}: a jury of ${event.seatIds.length} is drawn.`;
    case "verdict":
      return `${items}: the jury says "${verdictWords[event.verdict]}" (${formatRatio(event.ratio)}).`;
    case "case-appealed":
      return `${items}: appealed.`;
    case "case-concluded":
      return `${items}: the case is over, "${verdictWords[event.verdict]}"; ${amount(event.returned)} of ${amount(event.bonds)} in bonds came back.`;
    case "topped-up":
      return "The limit prices were raised.";
    case "bid-closed":
      return `${items}: withdrawn.`;
    case "warning":
      return event.error.retryable
        ? `${event.error.shortMessage} It is tried again.`
        : event.error.shortMessage;
    case "done":
      return `Done: ${amount(event.settlement.paid + event.settlement.fee)} in all.`;
  }
}
