import type { Address, Hex } from "viem";

/**
 * What the indexer answers under `/v1`. Everything derives from events alone, so it is a view and no authority: check
 * against the chain whatever money hangs on. Lists come newest first unless said otherwise; those that take `after` and
 * `limit` (up to 1,000, of proposals 100; default 100) come as a {@link Page}, all others (parameters, prices) as a plain
 * array. Any other parameter than those named is refused.
 *
 * Errors have a status of 400 and up and the body of {@link IndexerError}.
 */

/**
 * `code`: `invalid-request` (400), `unknown-model`, `unknown-job`, … (404), `method-not-allowed` (405), `internal` (500),
 * `not-ready`, `busy`, `too-many-followers` (503).
 */
export interface IndexerError {
  error: { code: string; message: string; hints: string[] };
}

/** Base units of the asset (or wei of MILL where said), in decimal: JSON has no integers of that size. */
export type Amount = string;

/** Seconds since the Unix epoch. */
export type Seconds = number;

/** Where in the chain something happened. */
export interface EventPlace {
  block: number;
  time: Seconds;
  transactionHash: Hex;
}

/** A part of a list; `next` goes into `after` for what follows, undefined at the end. */
export interface Page<T> {
  items: T[];
  next?: string;
}

/** `GET /v1/status`: how far the chain has been read. */
export interface IndexerStatus {
  chainId: number;
  market: Address;
  /** The last block whose events are all in here. */
  block: number;
  time: Seconds;
}

/** `GET /v1/live`, server-sent events named `block`: sent whenever a block is in here, the latest at once. */
export type LiveBlock = Pick<IndexerStatus, "block" | "time">;

/** `GET /v1/totals`: the market in numbers, since it began. */
export interface MarketTotals {
  models: number;
  /** With at least one offer that can be taken now. */
  providers: number;
  liveOffers: number;
  jobs: number;
  lots: number;
  /** Of settled lots, as all of the next. */
  items: number;
  promptTokens: Amount;
  outputTokens: Amount;
  /** To providers, after the fee. */
  paid: Amount;
  /** To those who stake MILL. */
  fees: Amount;
  /** Collateral taken by slashes and voided items. */
  slashed: Amount;
  openCases: number;
  cases: number;
  /** Wei of MILL. */
  staked: Amount;
  /** By backers, what they put in less what they took out. */
  backed: Amount;
}

/** What a model is, as the registry has it. */
export interface PublishedModel {
  modelId: Hex;
  publisher: Address;
  publishedAt: EventPlace;
  spec: {
    name: string;
    weightsHash: Hex;
    sizeBytes: string;
    quantization: string;
    contextTokens: number;
    chatTemplateHash: Hex;
    licence: string;
    classHash: Hex;
  };
}

/**
 * `GET /v1/models?after=&limit=` (a page, in the order of publication, without models whose texts take more than 1,024
 * bytes) and, with attestations, `GET /v1/models/:modelId`.
 */
export interface ModelSummary extends PublishedModel {
  /** Offers that can be taken now. */
  liveOffers: number;
  providers: number;
  itemsLeft: number;
  /** Base units per 10⁶ tokens, of the offer that is cheapest for as many prompt as output tokens. */
  best?: PricePair;
  /** Juror seats taken now, and what they stake together. */
  seats: number;
  seatStake: Amount;
  jobs: number;
  /** Of settled lots. */
  promptTokens: Amount;
  outputTokens: Amount;
  paid: Amount;
}

export interface ModelDetail extends ModelSummary {
  /** The latest 200 whose texts take at most 16,384 bytes, oldest first. */
  attestations: {
    attester: Address;
    kind: string;
    contentHash: Hex;
    uri: string;
    summary: string;
    at: EventPlace;
  }[];
}

/** Base units per 10⁶ tokens. */
export interface PricePair {
  promptPricePerMillion: Amount;
  outputPricePerMillion: Amount;
}

/** A posted offer with what is left of it, as the Market's `Offer` has it. */
export interface IndexedOffer extends PricePair {
  offerId: Hex;
  provider: Address;
  modelId: Hex;
  encryptionKey: Hex;
  capacityItems: number;
  minLotItems: number;
  maxLotItems: number;
  minLotValue: Amount;
  maxPromptTokens: number;
  maxOutputTokens: number;
  minTurnaroundSeconds: number;
  validUntil: Seconds;
  epoch: number;
  salt: string;
  filledItems: number;
  itemsLeft: number;
  /** `live`: neither expired, cancelled, of an older epoch nor used up. */
  status: "live" | "expired" | "cancelled" | "used-up";
  postedAt: EventPlace;
}

/**
 * Of `GET /v1/offers?modelId=&after=&limit=`: those that are live, in the order in which they were posted (`limit` up to
 * 1,000, default 100). Nothing that was live at the block of a `/v1/status` asked before may be missing unless it is live
 * no more, whatever happens between the pages.
 */
export type OffersPage = Page<IndexedOffer>;

/** `GET /v1/models/:modelId/book?limit=` */
export interface OrderBook {
  modelId: Hex;
  status: LiveBlock;
  /** Cheapest first, for as many prompt as output tokens; at most `limit` (default 100). */
  asks: IndexedOffer[];
  /** Of all asks: items on offer at each price, cheapest first; at most `limit` prices. */
  depth: (PricePair & { items: number; providers: number })[];
  /** What of jobs rests unassigned, best price now first. */
  bids: Bid[];
}

/** The unassigned part of a job, whose price rises from `start` to `limit`, and lots that wait for another provider. */
export interface Bid {
  jobId: Hex;
  buyer: Address;
  items: number;
  start: PricePair;
  limit: PricePair;
  /** At the time of `status`, or by the clock where that is later. */
  now: PricePair;
  openedAt: Seconds;
  rampSeconds: number;
  /** After it nobody can claim. */
  endsAt: Seconds;
}

/** `GET /v1/models/:modelId/prices?from=&bucketSeconds=`: what was paid, by time, oldest first; empty spans are left out. */
export interface PricePoint {
  from: Seconds;
  lots: number;
  promptTokens: Amount;
  outputTokens: Amount;
  /** Weighted by tokens. */
  average: PricePair;
  low: PricePair;
  high: PricePair;
  paid: Amount;
}

/**
 * `GET /v1/quotes?modelId=&items=&promptTokens=&outputTokens=` (tokens per item): what the 1,000 cheapest live
 * offers would take of it, in lots of sizes and values that they allow.
 */
export interface BookQuote {
  modelId: Hex;
  status: LiveBlock;
  items: number;
  /** Cheapest first. */
  fills: (PricePair & { offerId: Hex; provider: Address; items: number; cost: Amount })[];
  /** What no offer has room for. */
  unfilledItems: number;
  /** Of the fills. */
  cost: Amount;
}

/** How a provider has done, of `GET /v1/providers?after=&limit=` (a page, most earned first) and `GET /v1/providers/:address`. */
export interface ProviderRecord {
  provider: Address;
  firstSeen: EventPlace;
  liveOffers: number;
  /** Assigned or committed, and not over. */
  running: number;
  /** Paid for. */
  completed: number;
  /** Expired: not submitted in time. */
  late: number;
  released: number;
  slashed: number;
  /** Of settled lots. */
  items: number;
  promptTokens: Amount;
  outputTokens: Amount;
  /** After fees. */
  earned: Amount;
  /** Collateral lost by expiries, slashes, and voided or failed items. */
  lost: Amount;
  /** Items that somebody made it answer for on-chain, and how that went; what buyers checked at home nobody can see. */
  checks: {
    /** Receipts demanded of it, and shown. */
    receiptsDemanded: number;
    receiptsShown: number;
    /** Items taken to court, and found right (or not found wrong). */
    itemsDisputed: number;
    itemsCleared: number;
    /** Faults that hashes proved, and that jurors found. */
    faultsProven: number;
    faultsJudged: number;
  };
  /** Seconds from assignment to submission over its submitted lots; undefined without any. */
  latency?: Percentiles<Seconds>;
  /** Agreed prices over its settled lots; undefined without any. */
  promptPrice?: Percentiles<Amount>;
  outputPrice?: Percentiles<Amount>;
}

export interface Percentiles<T> {
  p10: T;
  p50: T;
  p90: T;
}

/** `GET /v1/providers/:address` */
export interface ProviderDetail extends ProviderRecord {
  models: Hex[];
  offers: IndexedOffer[];
  pool?: PoolView;
  /** The latest 50. */
  lots: IndexedLot[];
}

/** Of the pool that backs a provider, by its events: its worth now is the contract's to tell. */
export interface PoolView {
  isOpen: boolean;
  commissionBps: number;
  putIn: Amount;
  /** Asked back, with shares that were redeemed. */
  takenOut: Amount;
  earned: Amount;
  slashed: Amount;
  backers: { backer: Address; putIn: Amount; shares: Amount }[];
}

export type IndexedLotStatus =
  | "assigned"
  | "submitted"
  | "demanded"
  | "challenged"
  | "settled"
  | "open"
  | "closed";

export interface IndexedLot extends PricePair {
  lotId: Hex;
  jobId: Hex;
  buyer: Address;
  provider: Address;
  modelId: Hex;
  /** Undefined for a claim. */
  offerId?: Hex;
  firstItem: number;
  itemCount: number;
  attempt: number;
  escrow: Amount;
  collateral: Amount;
  penalty: Amount;
  releaseCharge: Amount;
  graceEndsAt: Seconds;
  deadline: Seconds;
  windowSeconds: number;
  feeBps: number;
  bountyBps: number;
  status: IndexedLotStatus;
  /** Why it reopened. */
  reopened?: "released" | "expired" | "slashed";
  assignedAt: EventPlace;
  /** What was committed to. */
  commitment?: {
    root: Hex;
    resultsHash: Hex;
    resultsKeyHash: Hex;
    promptTokens: Amount;
    outputTokens: Amount;
    errors: number;
    /** What it is paid by that, before the fee. */
    due: Amount;
    at: EventPlace;
  };
  /** Last second of the window or the hold. */
  windowEnd?: Seconds;
  settled?: { paid: Amount; fee: Amount; refund: Amount; forfeit: Amount; at: EventPlace };
  /** Cases of the court and proven faults so far. */
  cases: number;
}

export type IndexedJobStatus = "open" | "running" | "done";

/** Of `GET /v1/jobs?buyer=&modelId=&status=&after=&limit=`. */
export interface JobSummary {
  jobId: Hex;
  buyer: Address;
  modelId: Hex;
  openedAt: EventPlace;
  parametersVersion: number;
  itemCount: number;
  /** Items by what is with them now; together `itemCount`. */
  progress: {
    /** Waiting for a provider. */
    open: number;
    assigned: number;
    /** Committed to, and not paid yet; disputed ones too. */
    submitted: number;
    settled: number;
    /** Withdrawn by the buyer. */
    closed: number;
  };
  /** `open`: something waits for a provider; `running`: all is with providers; `done`: nothing of it goes on. */
  status: IndexedJobStatus;
  limit: PricePair;
  /** Locked at opening and by top-ups. */
  escrow: Amount;
  paid: Amount;
  fees: Amount;
  refunded: Amount;
}

/** `GET /v1/jobs/:jobId` */
export interface JobDetail extends JobSummary {
  request: {
    nonce: string;
    inputRoot: Hex;
    auditRoot: Hex;
    encryptionKey: Hex;
    auditor: Address;
    promptTokensCap: number;
    outputTokensCap: number;
    startBps: number;
    rampSeconds: number;
    turnaroundSeconds: number;
    minLotItems: number;
    minLotValue: Amount;
  };
  /** In the order of assignment. */
  lots: IndexedLot[];
  /** Oldest first. */
  events: MarketEvent[];
}

/** One thing that happened: an event's name with its arguments, bigints in decimal. */
export interface MarketEvent {
  name: string;
  args: Record<string, unknown>;
  at: EventPlace;
}

export type CaseVerdict = "none" | "rejected" | "inconclusive" | "fault";

/** Of `GET /v1/cases?status=open|over&after=&limit=`: what the court looks at, proven faults and demands too. */
export interface CaseSummary {
  /** `lotId-number` for cases; `lotId-fault` for faults proven by hashes. */
  caseId: string;
  kind: "audit" | "item" | "delivery" | "proven-fault";
  lotId: Hex;
  jobId: Hex;
  modelId: Hex;
  buyer: Address;
  provider: Address;
  challenger: Address;
  /** The item, counted from 0 within the lot; undefined for a delivery. */
  index?: number;
  /** What it waits for, as the Court calls it; `concluded` once over. */
  phase: string;
  /** Last second of that. */
  deadline?: Seconds;
  round: number;
  bond: Amount;
  verdict?: CaseVerdict;
  openedAt: EventPlace;
  endedAt?: EventPlace;
}

/** `GET /v1/cases/:caseId` */
export interface CaseDetail extends CaseSummary {
  /** Of the challenger's evidence, once it is there. */
  evidenceHash?: Hex;
  juries: {
    round: number;
    redraws: number;
    seats: {
      seatId: number;
      owner: Address;
      committed: boolean;
      /** In 1/64 octaves, once revealed. */
      vote?: number;
    }[];
    median?: number;
    verdict?: CaseVerdict;
  }[];
  ending?: {
    fees: Amount;
    penalties: Amount;
    cost: Amount;
    toChallenger: Amount;
    toProvider: Amount;
    toVault: Amount;
  };
  /** Oldest first. */
  events: MarketEvent[];
}

/** `GET /v1/parameters`: every version, newest first. Fields as the contracts name them; amounts in decimal. */
export interface ParametersVersion {
  version: number;
  at: EventPlace;
  market: Record<string, string | number>;
  court: Record<string, string | number>;
}

/** Of `GET /v1/proposals?after=&limit=`, a page. Its state hangs on the time and the quorum: the Governor tells it. */
export interface ProposalSummary {
  proposalId: string;
  proposer: Address;
  description: string;
  targets: Address[];
  values: Amount[];
  calldatas: Hex[];
  voteStart: Seconds;
  voteEnd: Seconds;
  /** Wei of MILL. */
  votesFor: Amount;
  votesAgainst: Amount;
  votesAbstain: Amount;
  proposedAt: EventPlace;
  /** When it may be executed. */
  eta?: Seconds;
  queuedAt?: EventPlace;
  executedAt?: EventPlace;
  cancelledAt?: EventPlace;
}

/** `GET /v1/proposals/:proposalId` */
export interface ProposalDetail extends ProposalSummary {
  votes: {
    voter: Address;
    support: "against" | "for" | "abstain";
    weight: Amount;
    reason: string;
    at: EventPlace;
  }[];
}

/** `GET /v1/stake`: those who stake MILL. Amounts of MILL in wei. */
export interface StakeSummary {
  staked: Amount;
  stakers: number;
  /** Fees in the asset that reached the stakers, by time, oldest first; at most 500. */
  fees: { amount: Amount; staked: Amount; at: EventPlace }[];
  feesTotal: Amount;
  /** Most votes first; at most 100. */
  delegates: { delegate: Address; votes: Amount; delegators: number }[];
}

/** `GET /v1/accounts/:address`: what one address did; its balances are the chain's to tell. */
export interface AccountDetail {
  address: Address;
  deposited: Amount;
  withdrawn: Amount;
  /** As a buyer: to providers and fees, for settled lots. */
  spent: Amount;
  /** As a provider, as in its record. */
  earned: Amount;
  jobs: number;
  lots: number;
  backings: {
    provider: Address;
    putIn: Amount;
    shares: Amount;
    exits: { cohort: number; assets: Amount; withdrawn: Amount }[];
  }[];
  seats: { seatId: number; modelId: Hex; stake: Amount; isTaken: boolean; penalties: Amount; pay: Amount }[];
  /** Wei of MILL. */
  staked: Amount;
  cooling: Amount;
  votes: Amount;
  delegate?: Address;
  feesClaimed: Amount;
  operators: { operator: Address; role: "provider" | "buyer"; amount: Amount; periodSeconds?: number }[];
}
