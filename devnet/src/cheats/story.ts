import type { BatchEvent } from "@millrace/client";
import { formatAmount } from "@millrace/protocol";
import type { Address } from "viem";
import { short } from "../progress.ts";

/** The story of a batch as its buyer lives it, a line for each thing that happens; undefined for what adds nothing. */
export function tellEvent(event: BatchEvent, nameOf: (address: Address) => string): string | undefined {
  const told = tell(event, nameOf);
  return told && `${told[0].padEnd(10)}  ${told[1]}`;
}

function tell(event: BatchEvent, nameOf: (address: Address) => string): [string, string] | undefined {
  switch (event.type) {
    case "opened":
      return ["bought", `${event.itemCount} items`];
    case "lot-assigned": {
      const by = `${nameOf(event.provider)} ${short(event.provider)}`;
      return event.attempt > 0 ? ["re-run", `by ${by}`] : ["taken", `by ${by}`];
    }
    case "lot-submitted":
      return [
        "committed",
        `to ${event.promptTokens} + ${event.outputTokens} tokens, asks ${amount(event.due)}`,
      ];
    case "checking":
      return event.reason ? ["unchecked", `${event.trust}: ${event.reason}`] : undefined;
    case "lot-checked":
      return [
        "checked",
        `${event.items} items computed again, R = ${event.ratio.toFixed(2)} over all of them`,
      ];
    case "lot-verified":
      return ["verified", "everything is in order"];
    case "lot-faulty":
      return [
        "detected",
        `item ${event.item}, R = ${event.ratio.toFixed(2)}: from 1.5 on jurors call it a fault`,
      ];
    case "lot-unverified":
      return ["detected", event.message];
    case "lot-held":
      return event.cause === "demanded" ? ["demanded", "a receipt, on-chain"] : undefined;
    case "delivery-demanded":
      return ["demanded", "the results, on-chain"];
    case "case-opened":
      return ["challenged", `with a bond of ${amount(event.bond)}`];
    case "challenge-impossible":
      return ["unheard", event.reason];
    case "jury-drawn":
      return ["drawn", `a jury of seats ${event.seatIds.join(", ")}`];
    case "verdict":
      return [
        "judged",
        `${event.verdict}${event.ratio === undefined ? "" : `, median R = ${event.ratio.toFixed(2)}`}`,
      ];
    case "case-concluded":
      return ["concluded", `${amount(event.returned)} of ${amount(event.bonds)} in bonds came back`];
    case "lot-reopened":
      return [event.cause, `${nameOf(event.provider)}; its items wait for another provider`];
    case "lot-settled":
      return ["paid", `${amount(event.paid)} to ${nameOf(event.provider)}`];
    case "warning":
      return ["warning", event.error.shortMessage];
    default:
      return undefined;
  }
}

export const amount = (units: bigint) => `${formatAmount(units)} TestUSD`;
