import type { MillraceError, Verdict } from "@millrace/protocol";
import type { Address, Hex } from "viem";
import type { Trust } from "../check/checkLot.ts";
import type { Settlement } from "./settlement.ts";

interface OfJob {
  jobId: Hex;
}

interface OfLot extends OfJob {
  lotId: Hex;
  provider: Address;
  firstItem: number;
  itemCount: number;
}

/**
 * What happens while a batch runs, in order. A resumed batch tells everything again from its beginning, so that whoever
 * shows progress needs no memory. Amounts are base units of the asset.
 */
export type BatchEvent =
  /** The batch has its id; `isResumed` if it was found unfinished. */
  | { type: "started"; batchId: string; isResumed: boolean }
  | ({ type: "opened"; model: string; itemCount: number; bidItems: number } & OfJob)
  | ({ type: "lot-assigned"; attempt: number } & OfLot)
  | ({ type: "input-sent" } & OfLot)
  | ({ type: "lot-submitted"; promptTokens: bigint; outputTokens: bigint; due: bigint } & OfLot)
  /** How the job's results are checked beyond what hashes tell; `reason` says why they are not. */
  | ({ type: "checking"; trust: Trust; reason?: string } & OfJob)
  | ({ type: "lot-verified"; failedItems: number; trust: Trust } & OfLot)
  /** So many of its items were computed again; `ratio` is how far all of them are from what honest machines differ by. */
  | ({ type: "lot-checked"; items: number; ratio: number } & OfLot)
  /** One of its items, counted from 0 in the job, was not computed as agreed: from a ratio of 1.5 on jurors say so too. */
  | ({ type: "lot-faulty"; item: number; ratio: number } & OfLot)
  /** It was not computed as agreed, and the court cannot be asked. */
  | ({ type: "challenge-impossible"; reason: string } & OfLot)
  | ({ type: "lot-unverified"; code: string; message: string } & OfLot)
  | ({ type: "lot-settled"; paid: bigint; fee: bigint; refund: bigint } & OfLot)
  /** Its provider owes a receipt, or the court looks at it: it cannot be paid meanwhile. */
  | ({ type: "lot-held"; cause: "demanded" | "challenged" } & OfLot)
  | ({ type: "lot-reopened"; cause: "released" | "expired" | "slashed" } & OfLot)
  | ({ type: "lot-closed" } & OfLot)
  /** The court hears the lot, about this item of the job. */
  | ({ type: "case-opened"; item: number; bond: bigint } & OfLot)
  /** Its provider has to deliver once more. */
  | ({ type: "delivery-demanded" } & OfLot)
  /** In round 0 there are 5 jurors, after appeals 11 and 23. */
  | ({ type: "jury-drawn"; round: number; seatIds: readonly number[] } & OfLot)
  /** What a jury says, which may be appealed; `ratio` is its median: 1 is the line that the model's tolerance draws. */
  | ({ type: "verdict"; verdict: Verdict; ratio: number | undefined; round: number } & OfLot)
  | ({ type: "case-appealed"; round: number } & OfLot)
  /** The case is over; `returned` of the buyer's bonds. */
  | ({ type: "case-concluded"; verdict: Verdict; bonds: bigint; returned: bigint } & OfLot)
  /** The limit prices of what nobody has taken were raised to these. */
  | ({ type: "topped-up"; promptLimitPerMillion: bigint; outputLimitPerMillion: bigint } & OfJob)
  | ({ type: "bid-closed"; firstItem: number; itemCount: number } & OfJob)
  /** Something did not work and is tried again. */
  | { type: "warning"; error: MillraceError }
  | { type: "done"; settlement: Settlement };

export type OnProgress = (event: BatchEvent) => void;
