import { bytesToHex, type Hex, hashStruct, hashTypedData, hexToBytes, sliceHex } from "viem";
import { lotTypes, marketDomain, modelSpecTypes, offerTypes, typeHashes } from "./typedData.ts";
import {
  type Item,
  type Job,
  type Lot,
  type MarketRef,
  type ModelSpec,
  type Offer,
  type Receipt,
  type Settlement,
  type Submission,
  stopReasons,
  type Totals,
  type WireReceipt,
} from "./types.ts";
import { hashBytes, hashWords } from "./words.ts";

// Matched by contracts/libraries/Hashes.sol; vectors/hashes.json is read by tests of both.

/** A job's id: keccak256(chainId, market, buyer, nonce). Not a counter, so that a reorg cannot shift it. */
export function jobIdOf({ chainId, market }: MarketRef, buyer: Hex, nonce: bigint): Hex {
  return hashWords([chainId, market, buyer, nonce]);
}

/** The hash of a job's terms, which the Market stores. */
export function hashJob({ buyer, openedAt, parametersVersion, request: r }: Job): Hex {
  return hashWords([
    typeHashes.Job,
    buyer,
    openedAt,
    parametersVersion,
    r.nonce,
    r.modelId,
    r.inputRoot,
    r.auditRoot,
    r.encryptionKey,
    r.auditor,
    r.itemCount,
    r.promptTokensCap,
    r.outputTokensCap,
    r.promptLimitPerMillion,
    r.outputLimitPerMillion,
    r.startBps,
    r.rampSeconds,
    r.turnaroundSeconds,
    r.minLotItems,
    r.minLotValue,
  ]);
}

/** A lot's id: the hash of everything agreed for it. Its job's id binds chain and Market. */
export function lotIdOf(lot: Lot): Hex {
  return hashStruct({ types: lotTypes, primaryType: "Lot", data: lot });
}

/** An offer's id: the EIP-712 digest of the offer under the Market's domain. */
export function offerIdOf(ref: MarketRef, offer: Offer): Hex {
  return hashTypedData({
    domain: marketDomain(ref),
    types: offerTypes,
    primaryType: "Offer",
    message: offer,
  });
}

/** A model's id: the EIP-712 struct hash of its spec. */
export function modelIdOf(spec: ModelSpec): Hex {
  return hashStruct({ types: modelSpecTypes, primaryType: "ModelSpec", data: spec });
}

/** An item's leaf in its job's input tree. */
export function hashItem(item: Item): Hex {
  return hashWords([
    typeHashes.Item,
    item.index,
    item.requestHash,
    item.promptTokensCap,
    item.outputTokensCap,
    item.samplerHash,
    item.requesterSeed,
    item.salt,
  ]);
}

export function hashReceipt(receipt: Receipt | WireReceipt): Hex {
  const { stopReason } = receipt;
  return hashWords([
    typeHashes.Receipt,
    receipt.version,
    receipt.jobId,
    receipt.itemIndex,
    receipt.classHash,
    receipt.inputLeaf,
    receipt.promptTokensHash,
    receipt.outputTokensHash,
    receipt.promptTokens,
    receipt.outputTokens,
    typeof stopReason === "number" ? stopReason : stopReasons.indexOf(stopReason),
    receipt.fingerprintHash,
    receipt.salt,
  ]);
}

/** A receipt's leaf in its lot's tree, with the running totals up to and including it. */
export function hashReceiptLeaf(receiptHash: Hex, totals: Totals): Hex {
  return hashWords([
    typeHashes.ReceiptLeaf,
    receiptHash,
    totals.promptTokens,
    totals.outputTokens,
    totals.errors,
  ]);
}

/** What a submission commits to beside its totals. */
export function resultsDigestOf({ root, resultsHash, resultsKeyHash }: Omit<Submission, "totals">): Hex {
  return hashWords([typeHashes.Results, root, resultsHash, resultsKeyHash]);
}

/** What a provider is bound to once it submitted. The lot's id binds chain, Market, job, provider and item count. */
export function commitmentOf(lotId: Hex, submission: Submission): Hex {
  const { promptTokens, outputTokens, errors } = submission.totals;
  return hashWords([
    typeHashes.Commitment,
    lotId,
    resultsDigestOf(submission),
    promptTokens,
    outputTokens,
    errors,
  ]);
}

/** How much of a commitment the Market keeps. */
const STORED_COMMITMENT_BYTES = 26;

/** The part of a commitment that the Market keeps, as {@link LotState} has it. */
export function storedCommitment(commitment: Hex): Hex {
  return sliceHex(commitment, 0, STORED_COMMITMENT_BYTES);
}

/** What `accept` and `settle` take for a lot that was submitted. */
export function settlementOf(lot: Lot, submission: Submission): Settlement {
  return { lot, resultsDigest: resultsDigestOf(submission), totals: submission.totals };
}

/** Token ids as receipts hash them: little-endian uint32, one after the other. */
export function encodeTokenIds(tokenIds: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(tokenIds.length * 4);
  const view = new DataView(bytes.buffer);
  tokenIds.forEach((id, index) => {
    view.setUint32(index * 4, id, true);
  });
  return bytes;
}

/** The hash of token ids, as receipts bind them. */
export function hashTokenIds(tokenIds: readonly number[]): Hex {
  return bytesToHex(hashBytes(encodeTokenIds(tokenIds)));
}

/** The seed of an item's sampler: keccak256(jobId ‖ itemIndex ‖ requesterSeed), fixed when the job opens (PROOF.md). */
export function itemSeed(jobId: Hex, itemIndex: number, requesterSeed: Hex): Hex {
  return hashWords([jobId, itemIndex, requesterSeed]);
}

/** A per-item secret of the buyer's or provider's, derived so that only one has to be kept: keccak256(secret ‖ purpose ‖ index). */
export function deriveSecret(secret: Hex, purpose: Hex, index: number): Hex {
  return hashWords([hexToBytes(secret), hexToBytes(purpose), index]);
}
