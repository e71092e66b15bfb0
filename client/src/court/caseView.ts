import { type CaseKind, caseKinds, jurySizes, type Verdict, verdicts } from "@millrace/protocol";
import { type Address, type Hex, zeroHash } from "viem";
import type { MarketLog } from "../core/logs.ts";

/** Where a case stands, by its events. What a deadline ends by itself has no event: see `deadline`. */
export type CasePhase =
  /** The provider owes the results once more. */
  | "demanded"
  /** The buyer may object. */
  | "answered"
  /** The provider may add a secret to the draw. */
  | "answer"
  /** The challenger owes the evidence. */
  | "evidence"
  | "drawing"
  /** The challenger owes the jurors the key to the evidence; of a delivery, the provider. */
  | "keys"
  | "commit"
  | "reveal"
  | "decided"
  /** Three juries could not decide. */
  | "failed"
  | "concluded";

/** What became of one case, by its events. Amounts are base units of the asset. */
export interface CaseView {
  /** Counted from 1 within the lot, in the order of opening; a demand and what follows from it is one. */
  number: number;
  kind: CaseKind;
  phase: CasePhase;
  /** Last second of what the phase waits for, Unix time. */
  deadline: number;
  /** Zero while a delivery is only demanded. */
  challenger?: Address;
  /** Of the challenger, for opening the case, and for appeals. */
  bonds: bigint;
  /** What the challenger has opened with. */
  commitment?: Hex;
  /** In the lot, and in its audit set. */
  index: number;
  position: number;
  /** Zero if the provider added none. */
  providerSecret: Hex;
  evidenceHash?: Hex;
  /** How many appeals there were, and how often the round's jury was drawn again. */
  round: number;
  redraws: number;
  /** The hash of the block after it draws the jury. */
  armedBlock: bigint;
  /** The present jury, by place. */
  seatIds: readonly number[];
  committed: number;
  revealed: number;
  /** Of the last jury that decided. */
  verdict?: Verdict;
  /** Its median, in 1/64 octaves; see `voteOf`. */
  median?: number;
  /** The key to results that were delivered once more, encrypted to the buyer's. */
  wrappedKey?: Hex;
  /** Set once concluded. */
  ending?: CaseEnding;
  /** What was said and done, in order. */
  history: CaseNews[];
}

/** What is worth telling of a case. */
export type CaseNews =
  | { type: "delivery-demanded" }
  | { type: "case-opened"; index: number; bond: bigint }
  | { type: "jury-drawn"; round: number; seatIds: readonly number[] }
  | { type: "verdict"; verdict: Verdict; median: number; round: number }
  | { type: "case-appealed"; round: number }
  | { type: "case-concluded"; verdict: Verdict; bonds: bigint; returned: bigint };

/** How a case ended, and where its pot went. */
export interface CaseEnding {
  verdict: Verdict;
  fees: bigint;
  toChallenger: bigint;
  toProvider: bigint;
  toVault: bigint;
  /** Out of the provider's collateral. */
  cost: bigint;
}

/** Appends to a lot's cases what one of its events says. */
export function addToCases(cases: CaseView[], log: MarketLog): void {
  const last = cases.at(-1);
  switch (log.eventName) {
    case "DeliveryDemanded":
      cases.push({
        ...noCase(cases.length + 1, "delivery"),
        phase: "demanded",
        deadline: Number(log.args.deadline),
        history: [{ type: "delivery-demanded" }],
      });
      return;
    case "CaseOpened": {
      const { kind, challenger, index, position, bond, commitment, deadline } = log.args;
      // An objection goes on with what was demanded.
      const isObjection = caseKinds[kind] === "delivery" && last !== undefined;
      const begun = isObjection ? last : noCase(cases.length + 1, caseKinds[kind] ?? "item");
      if (!isObjection) cases.push(begun);
      Object.assign(begun, {
        phase: "answer",
        challenger,
        index: Number(index),
        position: Number(position),
        bonds: bond,
        commitment,
        deadline: Number(deadline),
      } satisfies Partial<CaseView>);
      begun.history.push({ type: "case-opened", index: Number(index), bond });
      return;
    }
    default:
      if (last) advance(last, log);
  }
}

function advance(view: CaseView, log: MarketLog): void {
  const to = (phase: CasePhase, deadline: bigint | undefined, change: Partial<CaseView> = {}) =>
    Object.assign(view, { phase, ...(deadline !== undefined && { deadline: Number(deadline) }), ...change });
  switch (log.eventName) {
    case "DeliveryAnswered":
      to("answered", log.args.deadline, { wrappedKey: log.args.wrappedKey });
      break;
    case "DeliveryConcluded":
      to("concluded", undefined);
      break;
    case "CaseAnswered":
      to("evidence", log.args.deadline, { providerSecret: log.args.secret });
      break;
    case "EvidenceOpened":
      view.evidenceHash = log.args.evidenceHash;
      break;
    case "JuryArmed": {
      const { round, redraws, armedBlock, deadline } = log.args;
      to("drawing", deadline, { round: Number(round), redraws: Number(redraws), armedBlock, seatIds: [] });
      break;
    }
    case "JuryDrawn": {
      const { seatIds, round, deadline } = log.args;
      to("keys", deadline, { seatIds, committed: 0, revealed: 0 });
      view.history.push({ type: "jury-drawn", round: Number(round), seatIds });
      break;
    }
    case "KeysShared":
      to("commit", log.args.deadline);
      break;
    case "VoteCommitted":
      view.committed++;
      break;
    case "RevealOpened":
      to("reveal", log.args.deadline);
      break;
    case "VoteRevealed":
      view.revealed++;
      break;
    case "JuryFailed":
      // Another is armed by an event of its own, unless this was the last.
      to("failed", undefined);
      break;
    case "CaseDecided": {
      const { median, round, deadline } = log.args;
      const verdict = verdicts[log.args.verdict] ?? "none";
      to("decided", deadline, { verdict, median });
      view.history.push({ type: "verdict", verdict, median, round: Number(round) });
      break;
    }
    case "CaseAppealed":
      if (view.challenger?.toLowerCase() === log.args.appellant.toLowerCase()) view.bonds += log.args.bond;
      view.history.push({ type: "case-appealed", round: Number(log.args.round) });
      break;
    case "CaseConcluded": {
      const { verdict, fees, toChallenger, toProvider, toVault, cost } = log.args;
      const ending = { verdict: verdicts[verdict] ?? "none", fees, toChallenger, toProvider, toVault, cost };
      to("concluded", undefined, { ending });
      const { bonds } = view;
      view.history.push({
        type: "case-concluded",
        verdict: ending.verdict,
        bonds,
        returned: toChallenger,
      });
      break;
    }
    default:
      break;
  }
}

/** Whether all of the present jury have revealed. */
export function isRevealed({ round, revealed }: CaseView): boolean {
  return revealed >= jurySizes[round as 0 | 1 | 2];
}

const noCase = (number: number, kind: CaseKind): CaseView => ({
  number,
  kind,
  phase: "answer",
  deadline: 0,
  bonds: 0n,
  index: 0,
  position: 0,
  providerSecret: zeroHash,
  round: 0,
  redraws: 0,
  armedBlock: 0n,
  seatIds: [],
  committed: 0,
  revealed: 0,
  history: [],
});
