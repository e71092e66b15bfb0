import { type Hex, keccak256, zeroHash } from "viem";
import { encodeTokenIds, hashReceipt, hashReceiptLeaf } from "./hashes.ts";
import { PositionalTree } from "./tree.ts";
import type { Receipt, StopReason, Totals } from "./types.ts";

export const RECEIPT_VERSION = 1;

/** What became of one item: the part of its receipt that only the provider knows. */
export interface Outcome {
  stopReason: StopReason;
  promptTokens: number;
  promptTokensHash: Hex;
  /** Output token ids, up to and including the one that completes a stop string; without the end token. */
  tokenIds: readonly number[];
  fingerprintHash: Hex;
  salt: Hex;
}

/** The outcome of an item that failed: no tokens, so nothing is paid for it. */
export function failedOutcome(stopReason: "error" | "invalid-input", salt: Hex): Outcome {
  return {
    stopReason,
    promptTokens: 0,
    promptTokensHash: zeroHash,
    tokenIds: [],
    fingerprintHash: zeroHash,
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
    const receipt: Receipt = {
      version: RECEIPT_VERSION,
      jobId: lot.jobId,
      itemIndex: lot.firstItem + i,
      classHash: lot.classHash,
      inputLeaf: lot.inputLeaves[i]!,
      promptTokensHash: outcome.promptTokensHash,
      outputTokensHash: keccak256(encodeTokenIds(outcome.tokenIds)),
      promptTokens: outcome.promptTokens,
      outputTokens: outcome.tokenIds.length,
      stopReason: outcome.stopReason,
      fingerprintHash: outcome.fingerprintHash,
      salt: outcome.salt,
    };
    receipts.push(receipt);
    totals.promptTokens += BigInt(receipt.promptTokens);
    totals.outputTokens += BigInt(receipt.outputTokens);
    if (receipt.stopReason === "error") totals.errors++;
    return hashReceiptLeaf(hashReceipt(receipt), totals);
  });
  return { receipts, tree: new PositionalTree(leaves), totals };
}
