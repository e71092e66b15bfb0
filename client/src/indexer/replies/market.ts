import type {
  Bid,
  BookQuote,
  IndexedOffer,
  IndexerStatus,
  LiveBlock,
  MarketTotals,
  ModelDetail,
  ModelSummary,
  OrderBook,
  PricePoint,
} from "@millrace/protocol";
import { z } from "zod";
import { address, amount, hash, place, priceFields, pricePair, whole } from "./fields.ts";

export const liveBlock: z.ZodType<LiveBlock> = z.object({ block: whole, time: whole });

export const indexerStatus: z.ZodType<IndexerStatus> = z.object({
  chainId: whole,
  market: address,
  block: whole,
  time: whole,
});

export const marketTotals: z.ZodType<MarketTotals> = z.object({
  models: whole,
  providers: whole,
  liveOffers: whole,
  jobs: whole,
  lots: whole,
  items: whole,
  promptTokens: amount,
  outputTokens: amount,
  paid: amount,
  fees: amount,
  slashed: amount,
  openCases: whole,
  cases: whole,
  staked: amount,
  backed: amount,
});

const modelFields = {
  modelId: hash,
  publisher: address,
  publishedAt: place,
  spec: z.object({
    name: z.string(),
    weightsHash: hash,
    sizeBytes: amount,
    quantization: z.string(),
    contextTokens: whole,
    chatTemplateHash: hash,
    licence: z.string(),
    classHash: hash,
  }),
  liveOffers: whole,
  providers: whole,
  itemsLeft: whole,
  best: pricePair.exactOptional(),
  seats: whole,
  seatStake: amount,
  jobs: whole,
  promptTokens: amount,
  outputTokens: amount,
  paid: amount,
};

export const modelSummary: z.ZodType<ModelSummary> = z.object(modelFields);

export const modelDetail: z.ZodType<ModelDetail> = z.object({
  ...modelFields,
  attestations: z.array(
    z.object({
      attester: address,
      kind: z.string(),
      contentHash: hash,
      uri: z.string(),
      summary: z.string(),
      at: place,
    }),
  ),
});

export const indexedOffer: z.ZodType<IndexedOffer> = z.object({
  ...priceFields,
  offerId: hash,
  provider: address,
  modelId: hash,
  encryptionKey: hash,
  capacityItems: whole,
  minLotItems: whole,
  maxLotItems: whole,
  minLotValue: amount,
  maxPromptTokens: whole,
  maxOutputTokens: whole,
  minTurnaroundSeconds: whole,
  validUntil: whole,
  epoch: whole,
  salt: amount,
  filledItems: whole,
  itemsLeft: whole,
  status: z.enum(["live", "expired", "cancelled", "used-up"]),
  postedAt: place,
});

const bid: z.ZodType<Bid> = z.object({
  jobId: hash,
  buyer: address,
  items: whole,
  start: pricePair,
  limit: pricePair,
  now: pricePair,
  openedAt: whole,
  rampSeconds: whole,
  endsAt: whole,
});

export const orderBook: z.ZodType<OrderBook> = z.object({
  modelId: hash,
  status: liveBlock,
  asks: z.array(indexedOffer),
  depth: z.array(z.object({ ...priceFields, items: whole, providers: whole })),
  bids: z.array(bid),
});

export const pricePoint: z.ZodType<PricePoint> = z.object({
  from: whole,
  lots: whole,
  promptTokens: amount,
  outputTokens: amount,
  average: pricePair,
  low: pricePair,
  high: pricePair,
  paid: amount,
});

export const bookQuote: z.ZodType<BookQuote> = z.object({
  modelId: hash,
  status: liveBlock,
  items: whole,
  fills: z.array(z.object({ ...priceFields, offerId: hash, provider: address, items: whole, cost: amount })),
  unfilledItems: whole,
  cost: amount,
});
