import type { TypedData, TypedDataDomain } from "viem";
import type { MarketRef } from "./types.ts";
import { hashText } from "./words.ts";

/** The EIP-712 domain of a Market: every signature is bound to it. */
export function marketDomain({ chainId, market }: MarketRef) {
  return {
    name: "Millrace",
    version: "1",
    chainId,
    verifyingContract: market,
  } as const satisfies TypedDataDomain;
}

export const offerTypes = {
  Offer: [
    { name: "provider", type: "address" },
    { name: "modelId", type: "bytes32" },
    { name: "encryptionKey", type: "bytes32" },
    { name: "promptPricePerMillion", type: "uint64" },
    { name: "outputPricePerMillion", type: "uint64" },
    { name: "capacityItems", type: "uint32" },
    { name: "minLotItems", type: "uint32" },
    { name: "maxLotItems", type: "uint32" },
    { name: "minLotValue", type: "uint96" },
    { name: "maxPromptTokens", type: "uint32" },
    { name: "maxOutputTokens", type: "uint32" },
    { name: "minTurnaroundSeconds", type: "uint32" },
    { name: "validUntil", type: "uint40" },
    { name: "epoch", type: "uint32" },
    { name: "salt", type: "uint64" },
  ],
} as const satisfies TypedData;

export const lotTypes = {
  Lot: [
    { name: "jobId", type: "bytes32" },
    { name: "buyer", type: "address" },
    { name: "provider", type: "address" },
    { name: "promptPricePerMillion", type: "uint64" },
    { name: "outputPricePerMillion", type: "uint64" },
    { name: "graceEndsAt", type: "uint40" },
    { name: "deadline", type: "uint40" },
    { name: "windowSeconds", type: "uint32" },
    { name: "feeBps", type: "uint16" },
    { name: "bountyBps", type: "uint16" },
    { name: "firstItem", type: "uint32" },
    { name: "itemCount", type: "uint32" },
    { name: "attempt", type: "uint16" },
    { name: "escrow", type: "uint96" },
    { name: "collateral", type: "uint96" },
    { name: "penalty", type: "uint96" },
    { name: "releaseCharge", type: "uint96" },
  ],
} as const satisfies TypedData;

/** What the author of a blob signs when putting it on a relay. `contentHash` is {@link hashChunks} of the ciphertext. */
export const blobTypes = {
  Blob: [
    { name: "jobId", type: "bytes32" },
    { name: "lotId", type: "bytes32" },
    { name: "kind", type: "string" },
    { name: "author", type: "address" },
    { name: "contentHash", type: "bytes32" },
    { name: "sizeBytes", type: "uint64" },
  ],
} as const satisfies TypedData;

export const modelSpecTypes = {
  ModelSpec: [
    { name: "name", type: "string" },
    { name: "weightsHash", type: "bytes32" },
    { name: "sizeBytes", type: "uint64" },
    { name: "quantization", type: "string" },
    { name: "contextTokens", type: "uint32" },
    { name: "chatTemplateHash", type: "bytes32" },
    { name: "licence", type: "string" },
    { name: "classHash", type: "bytes32" },
  ],
} as const satisfies TypedData;

/** Type hashes of the structs that are hashed word by word: some by the million, and none is ever signed. */
export const typeHashes = {
  Job: hashText(
    "Job(address buyer,uint40 openedAt,uint32 parametersVersion,uint256 nonce,bytes32 modelId,bytes32 inputRoot,bytes32 auditRoot,bytes32 encryptionKey,address auditor,uint32 itemCount,uint32 promptTokensCap,uint32 outputTokensCap,uint64 promptLimitPerMillion,uint64 outputLimitPerMillion,uint16 startBps,uint32 rampSeconds,uint32 turnaroundSeconds,uint32 minLotItems,uint96 minLotValue)",
  ),
  Item: hashText(
    "Item(uint32 index,bytes32 requestHash,uint32 promptTokensCap,uint32 outputTokensCap,bytes32 samplerHash,bytes32 requesterSeed,bytes32 salt)",
  ),
  Receipt: hashText(
    "Receipt(uint8 version,bytes32 jobId,uint32 itemIndex,bytes32 classHash,bytes32 inputLeaf,bytes32 promptTokensHash,bytes32 outputTokensHash,uint32 promptTokens,uint32 outputTokens,uint8 stopReason,bytes32 fingerprintHash,bytes32 salt)",
  ),
  ReceiptLeaf: hashText(
    "ReceiptLeaf(bytes32 receiptHash,uint64 promptTokens,uint64 outputTokens,uint32 errors)",
  ),
  Results: hashText("Results(bytes32 root,bytes32 resultsHash,bytes32 resultsKeyHash)"),
  Commitment: hashText(
    "Commitment(bytes32 lotId,bytes32 resultsDigest,uint64 promptTokens,uint64 outputTokens,uint32 errors)",
  ),
} as const;
