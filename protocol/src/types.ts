import type { Address, Hex } from "viem";

/** The chain and Market that ids, commitments and signatures are bound to. */
export interface MarketRef {
  chainId: number;
  market: Address;
}

/** A provider's ask; see contracts/types/Offer.sol. Prices are base units of the asset per 10⁶ tokens. */
export interface Offer {
  provider: Address;
  modelId: Hex;
  encryptionKey: Hex;
  promptPricePerMillion: bigint;
  outputPricePerMillion: bigint;
  capacityItems: number;
  minLotItems: number;
  maxLotItems: number;
  maxPromptTokens: number;
  maxOutputTokens: number;
  minTurnaroundSeconds: number;
  validUntil: number;
  epoch: number;
  salt: bigint;
}

/** What a buyer asks for; see contracts/types/Job.sol. */
export interface JobRequest {
  nonce: bigint;
  modelId: Hex;
  inputRoot: Hex;
  auditRoot: Hex;
  encryptionKey: Hex;
  itemCount: number;
  promptTokensCap: number;
  outputTokensCap: number;
  promptLimitPerMillion: bigint;
  outputLimitPerMillion: bigint;
  startBps: number;
  rampSeconds: number;
  turnaroundSeconds: number;
  minLotItems: number;
}

/** A job's terms, fixed when it opened. Times are Unix seconds. */
export interface Job {
  buyer: Address;
  openedAt: number;
  parametersVersion: number;
  request: JobRequest;
}

/** One offer to take at opening, for the next `itemCount` items. */
export interface Fill {
  offer: Offer;
  itemCount: number;
}

/** A run of items given to one provider, with all that was agreed; see contracts/types/Lot.sol. */
export interface Lot {
  jobId: Hex;
  buyer: Address;
  provider: Address;
  firstItem: number;
  itemCount: number;
  attempt: number;
  promptPricePerMillion: bigint;
  outputPricePerMillion: bigint;
  escrow: bigint;
  collateral: bigint;
  penalty: bigint;
  releaseCharge: bigint;
  graceEndsAt: number;
  deadline: number;
  windowSeconds: number;
  feeBps: number;
}

/** What a provider submits for a lot. */
export interface Submission {
  root: Hex;
  resultsHash: Hex;
  resultsKeyHash: Hex;
  promptTokens: bigint;
  outputTokens: bigint;
  errors: number;
}

/** The lifecycle of a lot, in the contract's order; drawn in contracts/types/Lot.sol. */
export const lotStatuses = ["none", "assigned", "submitted", "settled", "open", "closed"] as const;
export type LotStatus = (typeof lotStatuses)[number];

/** Why a fill fell into the bid, in the contract's order. */
export const fillSkips = [
  "none",
  "not-posted",
  "cancelled",
  "expired",
  "other-model",
  "price-above-limit",
  "tokens-above-offer",
  "turnaround-too-short",
  "lot-size-out-of-range",
  "no-capacity",
  "no-collateral",
  "no-items-left",
] as const;
export type FillSkip = (typeof fillSkips)[number];

/** One item of a job, as its input leaf holds it. */
export interface Item {
  index: number;
  requestHash: Hex;
  promptTokensCap: number;
  outputTokensCap: number;
  samplerHash: Hex;
  requesterSeed: Hex;
  salt: Hex;
}

/** Why an output ended, in the encoding of receipts. */
export const stopReasons = ["stop", "length", "stop-string", "error", "invalid-input"] as const;
export type StopReason = (typeof stopReasons)[number];

/** A provider's statement about one item. */
export interface Receipt {
  version: number;
  jobId: Hex;
  itemIndex: number;
  classHash: Hex;
  inputLeaf: Hex;
  promptTokensHash: Hex;
  outputTokensHash: Hex;
  promptTokens: number;
  outputTokens: number;
  stopReason: StopReason;
  fingerprintHash: Hex;
  salt: Hex;
}

/** Running totals up to and including a receipt. `errors` counts items with stop reason `error` alone. */
export interface Totals {
  promptTokens: bigint;
  outputTokens: bigint;
  errors: number;
}

/** What a model is; its hash is its id. See contracts/ModelRegistry.sol. */
export interface ModelSpec {
  name: string;
  /** sha256 of the GGUF file. */
  weightsHash: Hex;
  sizeBytes: bigint;
  quantization: string;
  contextTokens: number;
  /** sha256 of the template's UTF-8 bytes, zero if the file has none. */
  chatTemplateHash: Hex;
  licence: string;
  classHash: Hex;
}
