import type { PoolView, ProviderDetail, ProviderRecord } from "@millrace/protocol";
import { z } from "zod";
import { address, amount, hash, percentilesOf, place, whole } from "./fields.ts";
import { indexedLot } from "./jobs.ts";
import { indexedOffer } from "./market.ts";

const recordFields = {
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
  // Percentiles may lie between two values.
  latency: percentilesOf(z.number().nonnegative()).exactOptional(),
  promptPrice: percentilesOf(amount).exactOptional(),
  outputPrice: percentilesOf(amount).exactOptional(),
};

export const providerRecord: z.ZodType<ProviderRecord> = z.object(recordFields);

const poolView: z.ZodType<PoolView> = z.object({
  isOpen: z.boolean(),
  commissionBps: whole,
  putIn: amount,
  takenOut: amount,
  earned: amount,
  slashed: amount,
  backers: z.array(z.object({ backer: address, putIn: amount, shares: amount })),
});

export const providerDetail: z.ZodType<ProviderDetail> = z.object({
  ...recordFields,
  models: z.array(hash),
  offers: z.array(indexedOffer),
  pool: poolView.exactOptional(),
  lots: z.array(indexedLot),
});
