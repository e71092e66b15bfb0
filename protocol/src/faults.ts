import type { ContractFunctionArgs, Hex } from "viem";
import type { faultsAbi } from "./abis/faultsAbi.ts";
import { type Receipt, stopReasons, type Totals, type WireReceipt } from "./types.ts";

/** What can be wrong with a commitment, in the contract's order; see contracts/types/Fault.sol. */
export const faultKinds = [
  "totals",
  "lot-totals",
  "empty-leaf",
  "statement",
  "input",
  "cap",
  "class",
  "count",
  "no-answer",
] as const;
export type FaultKind = (typeof faultKinds)[number];

type ProofName =
  | "proveTotals"
  | "proveLotTotals"
  | "proveEmptyLeaf"
  | "proveStatement"
  | "proveInput"
  | "proveCap"
  | "proveClass"
  | "proveCount";

/** A call of the Faults contract that proves a fault. */
export type FaultCall = {
  [Name in ProofName]: {
    functionName: Name;
    args: ContractFunctionArgs<typeof faultsAbi, "nonpayable", Name>;
  };
}[ProofName];

/** A fault that hashes prove. */
export interface Fault {
  kind: Exclude<FaultKind, "no-answer">;
  /** Counts from 0 within the lot. */
  index: number;
  /** Missing only where it needs an input's path that is not known. */
  call: FaultCall | undefined;
}

/** A receipt where it stands in its lot's tree, as an answer to a demand shows it. */
export interface PlacedReceipt {
  receipt: WireReceipt;
  /** Running totals up to and including it. */
  totals: Totals;
  /** Siblings, lowest first. */
  path: readonly Hex[];
}

/** A receipt as calls and events have it. */
export function wireReceipt(receipt: Receipt): WireReceipt {
  return { ...receipt, stopReason: stopReasons.indexOf(receipt.stopReason) };
}
