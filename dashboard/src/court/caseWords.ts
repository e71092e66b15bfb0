import type { CaseSummary, CaseVerdict } from "@millrace/protocol";

/** What is in dispute, in words. */
const kindWords: Record<CaseSummary["kind"], string> = {
  audit: "Item of the audit set",
  item: "Single item",
  delivery: "Delivery",
  "proven-fault": "Proven by hashes",
};

/** What a case is about. Items are counted within their lot, from 1, as the court does. */
export function caseTitle({ kind, index }: Pick<CaseSummary, "kind" | "index">): string {
  return index === undefined ? kindWords[kind] : `${kindWords[kind]}, number ${index + 1} of its lot`;
}

/** What a fault of this kind costs the provider. */
export const kindStakes: Record<CaseSummary["kind"], string> = {
  audit: "The item is one of those that were drawn to stand for the whole lot: a fault slashes the lot.",
  item: "The item was not drawn to stand for the lot: a fault voids this item alone.",
  delivery: "The buyer says that the results cannot be had or opened. Who does not deliver is slashed.",
  "proven-fault":
    "The provider's own commitment contradicts itself, which hashes alone prove. No jury was needed.",
};

export const verdictWords: Record<CaseVerdict, string> = {
  none: "No decision",
  rejected: "Provider is right",
  inconclusive: "Between the lines",
  fault: "Fault",
};

export const verdictMeanings: Record<CaseVerdict, string> = {
  none: "No jury came together that could decide, or something else decided the lot. The provider is paid.",
  rejected: "The jurors computed the same, within what honest machines differ by. The provider is paid.",
  inconclusive:
    "Too far off to be called honest, too close to be called a fault. The provider is paid, and the bonds bear the jurors' fees.",
  fault: "The jurors computed something else. The provider pays, and the items go to another one.",
};

const phases: Record<string, [name: string, waitsFor: string]> = {
  demanded: ["Delivery demanded", "the provider, who owes the results once more"],
  answered: ["Delivery answered", "the buyer, who may object"],
  answer: ["Challenged", "the provider, who may add a secret to the draw of the jury"],
  evidence: ["Evidence due", "the challenger, who owes the jurors the evidence"],
  drawing: ["Drawing a jury", "the block whose hash draws the jurors"],
  keys: ["Keys due", "the key to the evidence, for each juror"],
  commit: ["Voting", "the jurors, who compute the item again and commit to what they find"],
  reveal: ["Revealing", "the jurors, who reveal what they committed to"],
  decided: ["Decided", "who lost, who may appeal to a larger jury"],
  failed: ["Undecided", "anyone to conclude it: three juries could not decide"],
  concluded: ["Over", "nobody"],
};

/** A phase's name, and whom it waits for. */
export function phaseWords(phase: string): { name: string; waitsFor: string } {
  const [name, waitsFor] = phases[phase] ?? [phase, "somebody"];
  return { name, waitsFor };
}
