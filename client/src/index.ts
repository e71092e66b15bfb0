export type { Balance } from "./account/balance.ts";
export type { Backing, BackingExit, BackingPool } from "./backing/pool.ts";
export type { CheckedLot } from "./batches/check.ts";
export type { CreateBatchOptions } from "./batches/create.ts";
export type { BatchEvent, OnProgress } from "./batches/events.ts";
export type { BatchItem } from "./batches/items.ts";
export type { JobView, LotPhase, LotView } from "./batches/jobView.ts";
export type { PaidLot, PaidLots } from "./batches/lotActions.ts";
export type { LotsOptions } from "./batches/lotsByHand.ts";
export type { OpenedJob } from "./batches/readJob.ts";
export type { BatchRecord } from "./batches/record.ts";
export type { BatchState, BatchStatus, BatchSummary, JobState } from "./batches/retrieve.ts";
export type { BatchResult, RunBatchOptions } from "./batches/run.ts";
export type { ProviderSettlement, Settlement } from "./batches/settlement.ts";
export type { TopUp } from "./batches/topUp.ts";
export type { FaultyItem, LotCheck, Trust } from "./check/checkLot.ts";
export type { MarketVerifierOptions } from "./check/marketVerifier.ts";
export type { CheckOptions } from "./check/options.ts";
export type { ScoredLot, Verifier } from "./check/verifier.ts";
export { ContractError } from "./core/chainErrors.ts";
export { type Clock, systemClock } from "./core/clock.ts";
export type { Wallet } from "./core/signer.ts";
export type { ChallengeOptions } from "./court/challengeItem.ts";
export type { ChallengeTerms } from "./court/challengeTerms.ts";
export type { BatchCase } from "./court/listCases.ts";
export { createMillrace, type Millrace, type MillraceOptions } from "./createMillrace.ts";
export { type Bounds, type ParameterBounds, parameterBounds } from "./governance/bounds.ts";
export { describeProposal } from "./governance/describeProposal.ts";
export {
  type ParameterField,
  type ParameterWord,
  parameterWords,
  wordDuration,
  wordParameter,
} from "./governance/parameterWords.ts";
export type { StakePosition } from "./governance/position.ts";
export { proposalIdOf } from "./governance/proposalIdOf.ts";
export type { Proposal, ProposalState } from "./governance/proposals.ts";
export type { ProposalDraft } from "./governance/propose.ts";
export type { GovernedNumbers, GovernedParameters, ParametersRecord } from "./governance/readGoverned.ts";
export type { GovernanceRules } from "./governance/rules.ts";
export {
  createIndexerClient,
  type IndexerClient,
  type IndexerClientOptions,
  type IndexerRequest,
  type PageOptions,
} from "./indexer/createIndexerClient.ts";
export { BatchFileError, type BatchFileProblem } from "./input/batchFileError.ts";
export type { Line, TextSource } from "./input/lines.ts";
export type { Model } from "./market/listModels.ts";
export type { LiveOffer } from "./market/liveOffer.ts";
export type { CurrentParameters } from "./market/readParameters.ts";
export type { SignedOffer } from "./market/signedOffers.ts";
export type { ItemCounts } from "./output/writeOutput.ts";
export type { BuyOptions, JobQuote, Quote } from "./quote/quote.ts";
export { createMemoryState } from "./state/memoryState.ts";
export type { StateStore } from "./state/stateStore.ts";
