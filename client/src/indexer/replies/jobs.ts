import type { IndexedLot, JobDetail, JobSummary, MarketEvent } from "@millrace/protocol";
import { z } from "zod";
import { address, amount, hash, place, priceFields, pricePair, whole } from "./fields.ts";

export const marketEvent: z.ZodType<MarketEvent> = z.object({
  name: z.string(),
  args: z.record(z.string(), z.unknown()),
  at: place,
});

export const indexedLot: z.ZodType<IndexedLot> = z.object({
  ...priceFields,
  lotId: hash,
  jobId: hash,
  buyer: address,
  provider: address,
  modelId: hash,
  offerId: hash.exactOptional(),
  firstItem: whole,
  itemCount: whole,
  attempt: whole,
  escrow: amount,
  collateral: amount,
  penalty: amount,
  releaseCharge: amount,
  graceEndsAt: whole,
  deadline: whole,
  windowSeconds: whole,
  feeBps: whole,
  bountyBps: whole,
  status: z.enum(["assigned", "submitted", "demanded", "challenged", "settled", "open", "closed"]),
  reopened: z.enum(["released", "expired", "slashed"]).exactOptional(),
  assignedAt: place,
  commitment: z
    .object({
      root: hash,
      resultsHash: hash,
      resultsKeyHash: hash,
      promptTokens: amount,
      outputTokens: amount,
      errors: whole,
      due: amount,
      at: place,
    })
    .exactOptional(),
  windowEnd: whole.exactOptional(),
  settled: z
    .object({ paid: amount, fee: amount, refund: amount, forfeit: amount, at: place })
    .exactOptional(),
  cases: whole,
});

const jobFields = {
  jobId: hash,
  buyer: address,
  modelId: hash,
  openedAt: place,
  parametersVersion: whole,
  itemCount: whole,
  progress: z.object({ open: whole, assigned: whole, submitted: whole, settled: whole, closed: whole }),
  status: z.enum(["open", "running", "done"]),
  limit: pricePair,
  escrow: amount,
  paid: amount,
  fees: amount,
  refunded: amount,
};

export const jobSummary: z.ZodType<JobSummary> = z.object(jobFields);

export const jobDetail: z.ZodType<JobDetail> = z.object({
  ...jobFields,
  request: z.object({
    nonce: amount,
    inputRoot: hash,
    auditRoot: hash,
    encryptionKey: hash,
    auditor: address,
    promptTokensCap: whole,
    outputTokensCap: whole,
    startBps: whole,
    rampSeconds: whole,
    turnaroundSeconds: whole,
    minLotItems: whole,
    minLotValue: amount,
  }),
  lots: z.array(indexedLot),
  events: z.array(marketEvent),
});
