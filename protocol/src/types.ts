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
  /** Least value of a lot at its caps and this price, in base units. */
  minLotValue: bigint;
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
  /** Who may challenge the computation beside the buyer; the zero address for nobody. */
  auditor: Address;
  itemCount: number;
  promptTokensCap: number;
  outputTokensCap: number;
  promptLimitPerMillion: bigint;
  outputLimitPerMillion: bigint;
  startBps: number;
  rampSeconds: number;
  turnaroundSeconds: number;
  minLotItems: number;
  /** Least value of a lot at its caps and its own price, in base units, unless it takes all that are left. */
  minLotValue: bigint;
}

/** A job's terms, fixed when it opened but for the limit prices, which a top-up can raise. Times are Unix seconds. */
export interface Job {
  buyer: Address;
  openedAt: number;
  parametersVersion: number;
  request: JobRequest;
}

/** One offer to take at opening: for each of `lotItems` a lot of the next so many items. */
export interface Fill {
  offer: Offer;
  /** The provider's or their operator's EIP-712 signature of {@link offerTypes}; `0x` if the offer is posted. */
  signature: Hex;
  lotItems: readonly number[];
}

/** What the lots of one job, taken by one provider at one time and price, have in common. Times are Unix seconds. */
export interface LotTerms {
  jobId: Hex;
  buyer: Address;
  provider: Address;
  promptPricePerMillion: bigint;
  outputPricePerMillion: bigint;
  graceEndsAt: number;
  deadline: number;
  windowSeconds: number;
  feeBps: number;
  /** The share of the penalty that goes to who expires the lot or proves its fault. */
  bountyBps: number;
}

/** What a lot has for itself. */
export interface LotRange {
  firstItem: number;
  itemCount: number;
  attempt: number;
  escrow: bigint;
  collateral: bigint;
  penalty: bigint;
  releaseCharge: bigint;
}

/** A run of items given to one provider, with all that was agreed; see contracts/types/Lot.sol. */
export interface Lot extends LotTerms, LotRange {}

/** What a provider submits for a lot. */
export interface Submission {
  /** Root of the positional tree over the lot's receipts. */
  root: Hex;
  /** {@link hashChunks} of the encrypted results. */
  resultsHash: Hex;
  /** keccak256 of the key that opens the results. */
  resultsKeyHash: Hex;
  /** Of the whole lot: the running totals of its last receipt. */
  totals: Totals;
}

/** What is submitted for one lot; see {@link encodeSubmit}. */
export interface Delivery {
  lot: Lot;
  submission: Submission;
}

/** What pays one lot: the lot and as much of its submission as that needs; see {@link settlementOf}, {@link encodeAccept}. */
export interface Settlement {
  lot: Lot;
  /** {@link resultsDigestOf} of the submission. */
  resultsDigest: Hex;
  totals: Totals;
}

/**
 * The lifecycle of a lot, in the contract's order; drawn in contracts/types/Lot.sol. `none` also once it is over: what
 * became of it is in the events alone.
 */
export const lotStatuses = ["none", "assigned", "submitted", "demanded", "challenged", "open"] as const;
export type LotStatus = (typeof lotStatuses)[number];

/** What the Market keeps of a lot, unpacked by {@link unpackLotState}. */
export interface LotState {
  status: LotStatus;
  /** Submitted: last second of the window. Demanded, challenged: of the hold. Open: when it reopened. Unix seconds. */
  timestamp: number;
  /** Submitted, demanded, challenged: the first 208 bits of {@link commitmentOf}; otherwise zero. */
  commitment: Hex;
  /** Open: escrow still locked for these items, base units. */
  escrow: bigint;
}

/** The first reason why a fill, or the rest of it, fell into the bid, in the contract's order. */
export const fillSkips = [
  "none",
  "not-authorised",
  "cancelled",
  "expired",
  "other-model",
  "price-above-limit",
  "tokens-above-offer",
  "turnaround-too-short",
  "lot-size-out-of-range",
  "lot-value-too-low",
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

/** A receipt as the chain has it, with the number of its stop reason, which need not exist. */
export interface WireReceipt extends Omit<Receipt, "stopReason"> {
  stopReason: number;
}

/** Running totals up to and including a receipt. `errors` counts items with stop reason `error` alone. */
export interface Totals {
  promptTokens: bigint;
  outputTokens: bigint;
  errors: number;
}

/** What a model is; its hash is its id. See contracts/types/ModelSpec.sol. */
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

/** The governed numbers that a job is opened under; see contracts/types/MarketParameters.sol. */
export interface MarketParameters {
  feeBps: number;
  collateralBps: number;
  penaltyBps: number;
  releaseBps: number;
  bountyBps: number;
  graceSeconds: number;
  submitGraceSeconds: number;
  windowSeconds: number;
  bidSeconds: number;
  /** Least collateral of any lot, in base units of the asset. */
  minLotCollateral: bigint;
  /** What a buyer prepays for the answer to a demand for a receipt, in base units of the asset. */
  receiptFee: bigint;
  answerSeconds: number;
}

/** The governed numbers that a job's lots are judged under; see contracts/types/CourtParameters.sol. */
export interface CourtParameters {
  /** What a new seat stakes, in base units of the asset. */
  seatStake: bigint;
  /** What a juror earns in one round, in base units of the asset. */
  jurorFee: bigint;
  minSeats: number;
  kappaBps: number;
  activationSeconds: number;
  phaseSeconds: number;
}
