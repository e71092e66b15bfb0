import type { Fault } from "@millrace/protocol";
import type { Hex } from "viem";
import type { MarketLog } from "../core/logs.ts";
import type { Departure } from "../demands/followReceipts.ts";
import type { KeptLot } from "../lots/lotResults.ts";
import type { JobView } from "./jobView.ts";

/** Why a lot's results cannot be used. */
export interface LotFailure {
  code: string;
  message: string;
  /** Which submission this is about: after a reorg there may be another. */
  commitment: Hex;
  /** A proof of it that is to be sent. */
  fault?: Fault;
  /** How the results depart from the receipts, while the provider's answers may still prove something. */
  departure?: Departure;
  /** What was delivered is not what was committed to, and that is for jurors to see. */
  isUndelivered?: boolean;
}

/** How a job ended. */
export interface JobOutcome {
  view: JobView;
  logs: readonly MarketLog[];
  /** Lots without checked results, and why. */
  failures: Map<Hex, LotFailure>;
  /** Lots with them. */
  kept: ReadonlyMap<Hex, KeptLot>;
}
