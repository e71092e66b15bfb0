import {
  commitmentOf,
  costUp,
  type Job,
  type Lot,
  type LotStatus,
  lotStatuses,
  type Submission,
} from "@millrace/protocol";
import type { Hex } from "viem";
import type { MarketLog } from "../core/logs.ts";
import { addToCases, type CaseView } from "../court/caseView.ts";
import { min } from "../market/pricing.ts";

/** Where a lot stands. The Market forgets those that are over; their events tell how they ended. */
export type LotPhase =
  | "assigned"
  | "submitted"
  /** Held: its provider owes a receipt. */
  | "demanded"
  /** Held by a case of the court. */
  | "challenged"
  | "settled"
  /** Its items wait for another provider. */
  | "open"
  /** Its items were given to another provider, or withdrawn. */
  | "closed";

/** What became of one lot, by its events. Amounts are base units of the asset. */
export interface LotView {
  lotId: Hex;
  lot: Lot;
  status: LotPhase;
  /** The provider's public key for the input. */
  encryptionKey: Hex;
  submission?: Submission;
  commitment?: Hex;
  /** What it is paid by its submission, before the fee. */
  due?: bigint;
  /** Last second of the window or the hold, Unix time. */
  windowEnd?: number;
  /** Set once settled. */
  settled?: { paid: bigint; fee: bigint; refund: bigint; forfeit: bigint };
  /** Why it reopened. */
  reopened?: "released" | "expired" | "slashed";
  /** What the court looked at, in order. */
  cases: CaseView[];
}

/** What became of a job, by its events. */
export interface JobView {
  /** Its terms now, with the limits that top-ups raised; undefined until it is opened. */
  job: Job | undefined;
  /** Every lot that there ever was, in the order of assignment. */
  lots: Map<Hex, LotView>;
  /** Items that rest as a bid. */
  bidItems: number;
  /** Items whose bid was withdrawn: [first, first + count). */
  closed: { firstItem: number; itemCount: number } | undefined;
}

/** Whether results were committed to and nothing was decided yet. */
export function isCommitted(status: LotPhase | LotStatus): boolean {
  return status === "submitted" || isHeld(status);
}

/** Whether an arbiter holds the lot. */
export function isHeld(status: LotPhase | LotStatus): boolean {
  return status === "demanded" || status === "challenged";
}

/** Derives a job's state from its events. Pure, so that after a reorg it is simply derived again. */
export function viewJob(logs: readonly MarketLog[]): JobView {
  const view: JobView = { job: undefined, lots: new Map(), bidItems: 0, closed: undefined };
  const touch = (lotId: Hex, change: Partial<LotView>) => {
    const lot = view.lots.get(lotId);
    if (lot) Object.assign(lot, change);
  };
  for (const log of logs) {
    switch (log.eventName) {
      case "JobOpened":
        view.job = log.args.job;
        view.bidItems = log.args.job.request.itemCount;
        break;
      case "JobToppedUp": {
        const { promptLimitPerMillion, outputLimitPerMillion } = log.args;
        if (!view.job) break;
        const request = { ...view.job.request, promptLimitPerMillion, outputLimitPerMillion };
        view.job = { ...view.job, request };
        break;
      }
      case "JobClosed":
        view.bidItems = 0;
        view.closed = { firstItem: log.args.firstItem, itemCount: log.args.itemCount };
        break;
      case "LotAssigned": {
        const { lotId, lot, encryptionKey } = log.args;
        if (lot.attempt === 0) view.bidItems -= lot.itemCount;
        view.lots.set(lotId, { lotId, lot, encryptionKey, status: "assigned", cases: [] });
        break;
      }
      case "LotSubmitted": {
        const { lotId, submission, windowEnd } = log.args;
        const lot = view.lots.get(lotId)?.lot;
        if (!lot) break;
        const commitment = commitmentOf(lotId, submission);
        touch(lotId, { status: "submitted", submission, commitment, due: dueOf(lot, submission), windowEnd });
        break;
      }
      case "LotHeld": {
        const { lotId, until } = log.args;
        const status = lotStatuses[log.args.status];
        if (status === "demanded" || status === "challenged") touch(lotId, { status, windowEnd: until });
        break;
      }
      case "LotResumed":
        touch(log.args.lotId, { status: "submitted", windowEnd: log.args.windowEnd });
        break;
      case "LotSettled": {
        const { lotId, paid, fee, refund, forfeit } = log.args;
        touch(lotId, { status: "settled", settled: { paid, fee, refund, forfeit } });
        break;
      }
      case "LotReleased":
        touch(log.args.lotId, { status: "open", reopened: "released" });
        break;
      case "LotExpired":
        touch(log.args.lotId, { status: "open", reopened: "expired" });
        break;
      case "LotSlashed":
        touch(log.args.lotId, { status: "open", reopened: "slashed" });
        break;
      case "LotClosed":
        touch(log.args.lotId, { status: "closed" });
        break;
      default: {
        // Of the court; or skipped fills and whatever else, from which nothing follows.
        const lotId = "lotId" in log.args ? log.args.lotId : undefined;
        const lot = lotId && view.lots.get(lotId);
        if (lot) addToCases(lot.cases, log);
        break;
      }
    }
  }
  return view;
}

/** As the Market computes it. */
function dueOf(lot: Lot, { totals }: Submission): bigint {
  return min(lot.escrow, costUp(totals.promptTokens, totals.outputTokens, lot));
}
