import type { Job, Lot, LotStatus, Submission } from "@millrace/protocol";
import type { Hex } from "viem";
import type { MarketLog } from "../core/logs.ts";

/** What became of one lot, by its events. Amounts are base units of the asset. */
export interface LotView {
  lotId: Hex;
  lot: Lot;
  status: LotStatus;
  /** The provider's public key for the input. */
  encryptionKey: Hex;
  submission?: Submission;
  commitment?: Hex;
  due?: bigint;
  /** Set once settled. */
  settled?: { paid: bigint; fee: bigint; refund: bigint; forfeit: bigint };
  /** Why it reopened. */
  reopened?: "released" | "expired";
}

/** What became of a job, by its events. */
export interface JobView {
  /** Undefined until it is opened. */
  job: Job | undefined;
  /** Every lot that there ever was, in the order of assignment. */
  lots: Map<Hex, LotView>;
  /** Items that rest as a bid. */
  bidItems: number;
  /** Items whose bid was withdrawn: [first, first + count). */
  closed: { firstItem: number; itemCount: number } | undefined;
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
      case "JobClosed":
        view.bidItems = 0;
        view.closed = { firstItem: log.args.firstItem, itemCount: log.args.itemCount };
        break;
      case "LotAssigned": {
        const { lotId, lot, encryptionKey } = log.args;
        if (lot.attempt === 0) view.bidItems -= lot.itemCount;
        view.lots.set(lotId, { lotId, lot, encryptionKey, status: "assigned" });
        break;
      }
      case "LotSubmitted": {
        const { lotId, submission, commitment, due } = log.args;
        touch(lotId, { status: "submitted", submission, commitment, due });
        break;
      }
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
      case "LotClosed":
        touch(log.args.lotId, { status: "closed" });
        break;
      default:
        // Skipped fills and whatever else: nothing follows from them.
        break;
    }
  }
  return view;
}
