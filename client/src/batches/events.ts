import type { MillraceError } from "@millrace/protocol";
import type { Address, Hex } from "viem";
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
  | ({ type: "lot-verified"; failedItems: number } & OfLot)
  | ({ type: "lot-unverified"; code: string; message: string } & OfLot)
  | ({ type: "lot-settled"; paid: bigint; fee: bigint; refund: bigint } & OfLot)
  /** Its provider owes a receipt, or the court looks at it: it cannot be paid meanwhile. */
  | ({ type: "lot-held"; cause: "demanded" | "challenged" } & OfLot)
  | ({ type: "lot-reopened"; cause: "released" | "expired" | "slashed" } & OfLot)
  | ({ type: "lot-closed" } & OfLot)
  /** The limit prices of what nobody has taken were raised to these. */
  | ({ type: "topped-up"; promptLimitPerMillion: bigint; outputLimitPerMillion: bigint } & OfJob)
  | ({ type: "bid-closed"; firstItem: number; itemCount: number } & OfJob)
  /** Something did not work and is tried again. */
  | { type: "warning"; error: MillraceError }
  | { type: "done"; settlement: Settlement };

export type OnProgress = (event: BatchEvent) => void;
