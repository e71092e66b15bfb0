import {
  caseKinds,
  faultKinds,
  fillSkips,
  lotStatuses,
  type MarketEvent,
  verdicts,
} from "@millrace/protocol";
import { formatRatio, voteRatio } from "../court/voteRatio.ts";

/** What events of the contracts say, in words; names that are missing here are told apart by their capitals. */
const titles: Record<string, string> = {
  JobOpened: "Job opened",
  JobToppedUp: "Limit prices raised",
  JobClosed: "Rest withdrawn by the buyer",
  FillSkipped: "An offer could not be taken",
  LotAssigned: "Lot given to a provider",
  LotSubmitted: "Results committed to",
  LotHeld: "Payment held",
  LotResumed: "Hold over: the window goes on",
  LotSettled: "Paid",
  LotReleased: "Given back by the provider",
  LotExpired: "Too late: taken from the provider",
  LotSlashed: "Slashed",
  LotVoided: "One item voided",
  LotToppedUp: "Limit prices raised for a waiting lot",
  LotClosed: "Withdrawn by the buyer",
  ReceiptDemanded: "Receipt demanded",
  ReceiptAnswered: "Receipt shown",
  DemandsReturned: "Prepaid fees returned",
  FaultProven: "Fault proven by hashes",
  CaseOpened: "Challenged, with a bond",
  CaseAnswered: "The provider adds a secret to the draw",
  EvidenceOpened: "The challenger puts down the evidence",
  JuryArmed: "A coming block will draw the jury",
  JuryDrawn: "Jury drawn",
  KeysShared: "The jurors get the key to the evidence",
  VoteCommitted: "A juror commits to a vote",
  RevealOpened: "All have committed: votes may be revealed",
  VoteRevealed: "A juror reveals",
  JuryFailed: "Too few jurors revealed",
  CaseDecided: "Verdict",
  CaseAppealed: "Appealed to a larger jury",
  CaseConcluded: "Case over",
  DeliveryDemanded: "Delivery demanded",
  DeliveryAnswered: "Delivered once more, says the provider",
  DeliveryConcluded: "Demand for delivery over",
};

/** An event's name for people. */
export function eventTitle(name: string): string {
  return titles[name] ?? spaced(name);
}

const labels: Record<string, string> = {
  parametersVersion: "Parameters version",
  windowEnd: "Window ends",
  until: "Until",
  deadline: "Until",
  lotId: "Lot",
  jobId: "Job",
  seatId: "Seat",
  seatIds: "Seats",
  armedBlock: "Drawn after block",
  toChallenger: "To the challenger",
  toProvider: "To the provider",
  toVault: "To stakers",
  cost: "Out of the provider's collateral",
  fees: "To jurors",
  penalties: "From jurors",
  evidenceHash: "Evidence",
  resultsHash: "Results",
  resultsKeyHash: "Key to the results",
};

/** An argument's name for people. */
export function argumentLabel(name: string): string {
  return labels[name] ?? spaced(name);
}

/** `feeBps` → `Fee bps`. */
function spaced(name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Arguments in base units of the asset. */
const amounts = new Set([
  "bond",
  "fee",
  "fees",
  "paid",
  "refund",
  "forfeit",
  "penalty",
  "penalties",
  "bounty",
  "compensation",
  "cost",
  "toChallenger",
  "toProvider",
  "toVault",
  "rest",
  "fine",
  "amount",
  "escrow",
  "collateral",
  "buyerCharge",
  "providerCharge",
  "promptLimitPerMillion",
  "outputLimitPerMillion",
]);
/** Arguments in Unix seconds. */
const times = new Set(["deadline", "until", "windowEnd"]);

export type FactKind = "amount" | "time" | "address" | "hash" | "text";

export interface Fact {
  label: string;
  kind: FactKind;
  value: string;
}

/** What is said elsewhere on the page, or is told by nobody's eye. */
const hidden = new Set([
  "jobId",
  "lotId",
  "buyer",
  "lot",
  "job",
  "submission",
  "encryptionKey",
  "wrappedKeys",
  "wrappedKey",
]);

/** The arguments of an event that are worth showing, in its order. Nested ones are left to those who show them whole. */
export function factsOf({ name: event, args }: Pick<MarketEvent, "name" | "args">): Fact[] {
  return Object.entries(args).flatMap(([name, value]): Fact[] => {
    if (hidden.has(name) || value === null || value === undefined) return [];
    if (Array.isArray(value)) return [{ label: argumentLabel(name), kind: "text", value: value.join(", ") }];
    if (typeof value === "object") return [];
    const text = inWords(name, value, event);
    return [{ label: argumentLabel(name), kind: kindOf(name, text), value: text }];
  });
}

/** What stands in events as a number, by its name. */
function inWords(name: string, value: unknown, event: string): string {
  const number = Number(value);
  switch (name) {
    case "vote":
    case "median":
      return formatRatio(voteRatio(number));
    case "verdict":
      return verdicts[number] ?? String(value);
    case "kind":
      return (event === "FaultProven" ? faultKinds : caseKinds)[number] ?? String(value);
    case "status":
      return lotStatuses[number] ?? String(value);
    case "reason":
      return fillSkips[number] ?? String(value);
    default:
      return String(value);
  }
}

function kindOf(name: string, text: string): FactKind {
  if (amounts.has(name)) return "amount";
  if (times.has(name)) return "time";
  if (/^0x[0-9a-f]{40}$/i.test(text)) return "address";
  if (/^0x[0-9a-f]{64}$/i.test(text)) return "hash";
  return "text";
}
