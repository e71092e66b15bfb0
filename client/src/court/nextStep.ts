import { jurySizes } from "@millrace/protocol";
import { type CaseView, isRevealed } from "./caseView.ts";

/** What can be done for a case now. */
export type CaseStep = "open-evidence" | "draw" | "share-keys" | "decide" | "appeal" | "conclude";

/**
 * What is to be done next for a case, or undefined while others are to act. Every step may come
 * too early or be done by others first; then the court refuses it, and nothing is lost.
 *
 * @param now Unix seconds
 * @param isOurs whether this account opened it; of others it does what anyone may
 * @param mayAppeal whether a verdict against the challenger is worth the next jury's bond
 */
export function nextStepOf(
  view: CaseView,
  { now, isOurs, mayAppeal }: { now: number; isOurs: boolean; mayAppeal: boolean },
): CaseStep | undefined {
  const isOver = now > view.deadline;
  switch (view.phase) {
    case "answer":
      // Once the provider's time is over there is one more phase, and then the case.
      if (!isOver) return undefined;
      return isOurs ? "open-evidence" : "conclude";
    case "evidence":
      if (isOver) return "conclude";
      return isOurs ? "open-evidence" : undefined;
    case "drawing":
      return isOver ? "conclude" : "draw";
    case "keys":
      if (isOver) return "conclude";
      return isOurs && view.kind !== "delivery" ? "share-keys" : undefined;
    case "commit":
    case "reveal":
      return isOver || isRevealed(view) ? "decide" : undefined;
    case "decided":
      if (isOver || view.round + 1 === jurySizes.length) return "conclude";
      return isOurs && mayAppeal && view.verdict !== "fault" ? "appeal" : undefined;
    case "failed":
      return "conclude";
    case "demanded":
    case "answered":
      return isOver ? "conclude" : undefined;
    case "concluded":
      return undefined;
  }
}
