import type { BatchEvent } from "@millrace/client";
import { formatAmount } from "@millrace/protocol";
import type { Address } from "viem";
import { short } from "../progress.ts";

/** The story of a batch as its buyer lives it, one line for each thing that happens; undefined for what adds nothing. */
export function tellEvent(event: BatchEvent, nameOf: (address: Address) => string): string | undefined {
  switch (event.type) {
    case "opened":
      return `bought     ${event.itemCount} items`;
    case "lot-assigned": {
      const again = event.attempt > 0 ? "re-run by" : "taken by  ";
      return `${again}  ${nameOf(event.provider)} ${short(event.provider)}`;
    }
    case "lot-submitted":
      return `committed  to ${event.promptTokens} + ${event.outputTokens} tokens, asks ${amount(event.due)}`;
    case "lot-verified":
      return "checked    everything is in order";
    case "lot-unverified":
      return `detected   ${event.message}`;
    case "lot-held":
      return event.cause === "demanded"
        ? "demanded   a receipt, on-chain"
        : "challenged the lot is held by the court";
    case "lot-reopened":
      return `${event.cause}    its items wait for another provider`;
    case "lot-settled":
      return `paid       ${amount(event.paid)} to ${nameOf(event.provider)}`;
    case "warning":
      return `warning    ${event.error.shortMessage}`;
    default:
      return undefined;
  }
}

export const amount = (units: bigint) => `${formatAmount(units)} TestUSD`;
