import { z } from "@hono/zod-openapi";
import type {
  BookQuote,
  IndexedOffer,
  IndexerError,
  IndexerStatus,
  LiveBlock,
  MarketTotals,
  ModelDetail,
  ModelSummary,
  OffersPage,
  OrderBook,
  Page,
  PricePoint,
} from "@millrace/protocol";
import {
  address,
  amount,
  bytes,
  describing,
  hash,
  place,
  pricePair,
  prices,
  seconds,
  text,
  whole,
} from "./fields.ts";

export const indexerError = describing<IndexerError>()(
  z.object({ error: z.object({ code: text, message: text, hints: z.array(text) }) }).openapi("IndexerError"),
);

export const indexerStatus = describing<IndexerStatus>()(
  z.object({ chainId: whole, market: address, block: whole, time: seconds }).openapi("IndexerStatus"),
);

const liveBlock = describing<LiveBlock>()(z.object({ block: whole, time: seconds }).openapi("LiveBlock"));

export const marketTotals = describing<MarketTotals>()(
  z
    .object({
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
    })
    .openapi("MarketTotals"),
);

const summary = {
  modelId: hash,
  publisher: address,
  publishedAt: place,
  spec: z.object({
    name: text,
    weightsHash: hash,
    sizeBytes: text,
    quantization: text,
    contextTokens: whole,
    chatTemplateHash: hash,
    licence: text,
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

const modelSummary = describing<ModelSummary>()(z.object(summary).openapi("ModelSummary"));

export const modelsPage = describing<Page<ModelSummary>>()(
  z.object({ items: z.array(modelSummary), next: text.exactOptional() }).openapi("ModelsPage"),
);

export const modelDetail = describing<ModelDetail>()(
  z
    .object({
      ...summary,
      attestations: z.array(
        z.object({ attester: address, kind: text, contentHash: hash, uri: text, summary: text, at: place }),
      ),
    })
    .openapi("ModelDetail"),
);

export const indexedOffer = describing<IndexedOffer>()(
  z
    .object({
      offerId: hash,
      provider: address,
      modelId: hash,
      encryptionKey: bytes,
      ...prices,
      capacityItems: whole,
      minLotItems: whole,
      maxLotItems: whole,
      minLotValue: amount,
      maxPromptTokens: whole,
      maxOutputTokens: whole,
      minTurnaroundSeconds: whole,
      validUntil: seconds,
      epoch: whole,
      salt: text,
      filledItems: whole,
      itemsLeft: whole,
      status: z.enum(["live", "expired", "cancelled", "used-up"]),
      postedAt: place,
    })
    .openapi("IndexedOffer"),
);

export const offersPage = describing<OffersPage>()(
  z.object({ items: z.array(indexedOffer), next: text.exactOptional() }).openapi("OffersPage"),
);

export const orderBook = describing<OrderBook>()(
  z
    .object({
      modelId: hash,
      status: liveBlock,
      asks: z.array(indexedOffer),
      depth: z.array(z.object({ ...prices, items: whole, providers: whole })),
      bids: z.array(
        z.object({
          jobId: hash,
          buyer: address,
          items: whole,
          start: pricePair,
          limit: pricePair,
          now: pricePair,
          openedAt: seconds,
          rampSeconds: whole,
          endsAt: seconds,
        }),
      ),
    })
    .openapi("OrderBook"),
);

export const pricePoint = describing<PricePoint>()(
  z
    .object({
      from: seconds,
      lots: whole,
      promptTokens: amount,
      outputTokens: amount,
      average: pricePair,
      low: pricePair,
      high: pricePair,
      paid: amount,
    })
    .openapi("PricePoint"),
);

export const bookQuote = describing<BookQuote>()(
  z
    .object({
      modelId: hash,
      status: liveBlock,
      items: whole,
      fills: z.array(z.object({ ...prices, offerId: hash, provider: address, items: whole, cost: amount })),
      unfilledItems: whole,
      cost: amount,
    })
    .openapi("BookQuote"),
);
