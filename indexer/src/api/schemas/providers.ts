import { z } from "@hono/zod-openapi";
import type { Page, PoolView, ProviderDetail, ProviderRecord } from "@millrace/protocol";
import { address, amount, describing, hash, place, text, whole } from "./fields.ts";
import { indexedLot } from "./jobs.ts";
import { indexedOffer } from "./market.ts";

const amounts = z.object({ p10: amount, p50: amount, p90: amount }).openapi("AmountPercentiles");

const record = {
  provider: address,
  firstSeen: place,
  liveOffers: whole,
  running: whole,
  completed: whole,
  late: whole,
  released: whole,
  slashed: whole,
  items: whole,
  promptTokens: amount,
  outputTokens: amount,
  earned: amount,
  lost: amount,
  checks: z.object({
    receiptsDemanded: whole,
    receiptsShown: whole,
    itemsDisputed: whole,
    itemsCleared: whole,
    faultsProven: whole,
    faultsJudged: whole,
  }),
  latency: z.object({ p10: whole, p50: whole, p90: whole }).exactOptional(),
  promptPrice: amounts.exactOptional(),
  outputPrice: amounts.exactOptional(),
};

const providerRecord = describing<ProviderRecord>()(z.object(record).openapi("ProviderRecord"));

export const providersPage = describing<Page<ProviderRecord>>()(
  z.object({ items: z.array(providerRecord), next: text.exactOptional() }).openapi("ProvidersPage"),
);

const poolView = describing<PoolView>()(
  z
    .object({
      isOpen: z.boolean(),
      commissionBps: whole,
      putIn: amount,
      takenOut: amount,
      earned: amount,
      slashed: amount,
      backers: z.array(z.object({ backer: address, putIn: amount, shares: amount })),
    })
    .openapi("PoolView"),
);

export const providerDetail = describing<ProviderDetail>()(
  z
    .object({
      ...record,
      models: z.array(hash),
      offers: z.array(indexedOffer),
      pool: poolView.exactOptional(),
      lots: z.array(indexedLot),
    })
    .openapi("ProviderDetail"),
);
