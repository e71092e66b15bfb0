import { bytesToHex, type Hex, hexToBytes, zeroHash } from "viem";
import { hashReceipt, hashReceiptLeaf, hashTokenIds } from "./hashes.ts";
import { PositionalTree } from "./tree.ts";
import type { Receipt, StopReason, Totals } from "./types.ts";
import { hashBytes } from "./words.ts";

export const RECEIPT_VERSION = 1;

/** What became of one item: the part of its receipt that only the provider knows. */
export interface Outcome {
  stopReason: StopReason;
  promptTokens: number;
  promptTokensHash: Hex;
  /** Output token ids, up to and including the one that completes a stop string; without the end token. */
  tokenIds: readonly number[];
  /** See `encodeFingerprint`; `0x` where there is none. */
  fingerprint: Hex;
  salt: Hex;
}

/** The outcome of an item that failed: no tokens, so nothing is paid for it. */
export function failedOutcome(stopReason: "error" | "invalid-input", salt: Hex): Outcome {
  return {
    stopReason,
    promptTokens: 0,
    promptTokensHash: zeroHash,
    tokenIds: [],
    fingerprint: "0x",
    salt,
  };
}

/** Whether an item failed; a failed one has no tokens. */
export function isFailure(stopReason: StopReason): boolean {
  return stopReason === "error" || stopReason === "invalid-input";
}

/** A lot's receipts, the tree over them and their totals. */
export interface ReceiptBook {
  receipts: Receipt[];
  tree: PositionalTree;
  totals: Totals;
}

/**
 * Writes the receipts of a lot in order, with running totals, and builds their tree.
 *
 * The provider commits to the result; the buyer calls the same with what was delivered and its own input leaves, and
 * compares the root and the totals with the commitment.
 *
 * @param inputLeaves the leaves of the lot's items in the job's input tree, in order
 */
export function writeReceipts(lot: {
  jobId: Hex;
  classHash: Hex;
  firstItem: number;
  inputLeaves: readonly Hex[];
  outcomes: readonly Outcome[];
}): ReceiptBook {
  if (lot.inputLeaves.length !== lot.outcomes.length) {
    throw new RangeError(`${lot.outcomes.length} outcomes for ${lot.inputLeaves.length} items`);
  }
  const totals: Totals = { promptTokens: 0n, outputTokens: 0n, errors: 0 };
  const receipts: Receipt[] = [];
  const leaves = lot.outcomes.map((outcome, i) => {
    const { jobId, classHash } = lot;
    const inputLeaf = lot.inputLeaves[i]!;
    const receipt = receiptOf({ jobId, classHash, itemIndex: lot.firstItem + i, inputLeaf, outcome });
    receipts.push(receipt);
    addTo(totals, receipt);
    return hashReceiptLeaf(hashReceipt(receipt), totals);
  });
  return { receipts, tree: new PositionalTree(leaves), totals };
}

/** The receipt of one item. */
export function receiptOf({
  outcome,
  ...place
}: Pick<Receipt, "jobId" | "classHash" | "itemIndex" | "inputLeaf"> & { outcome: Outcome }): Receipt {
  const { promptTokensHash, tokenIds, promptTokens, stopReason, fingerprint, salt } = outcome;
  return {
    version: RECEIPT_VERSION,
    ...place,
    promptTokensHash,
    outputTokensHash: hashTokenIds(tokenIds),
    promptTokens,
    outputTokens: tokenIds.length,
    stopReason,
    fingerprintHash: fingerprint === "0x" ? zeroHash : bytesToHex(hashBytes(hexToBytes(fingerprint))),
    salt,
  };
}

/** Counts a receipt into running totals. */
export function addTo(totals: Totals, { promptTokens, outputTokens, stopReason }: Receipt): void {
  totals.promptTokens += BigInt(promptTokens);
  totals.outputTokens += BigInt(outputTokens);
  if (stopReason === "error") totals.errors++;
}
