import { z } from "@hono/zod-openapi";
import type { IndexedLot, JobDetail, JobSummary, MarketEvent, Page } from "@millrace/protocol";
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

export const indexedLot = describing<IndexedLot>()(
  z
    .object({
      lotId: hash,
      jobId: hash,
      buyer: address,
      provider: address,
      modelId: hash,
      offerId: hash.exactOptional(),
      firstItem: whole,
      itemCount: whole,
      attempt: whole,
      ...prices,
      escrow: amount,
      collateral: amount,
      penalty: amount,
      releaseCharge: amount,
      graceEndsAt: seconds,
      deadline: seconds,
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
      windowEnd: seconds.exactOptional(),
      settled: z
        .object({ paid: amount, fee: amount, refund: amount, forfeit: amount, at: place })
        .exactOptional(),
      cases: whole,
    })
    .openapi("IndexedLot"),
);

export const marketEvent = describing<MarketEvent>()(
  z.object({ name: text, args: z.record(z.string(), z.unknown()), at: place }).openapi("MarketEvent"),
);

const summary = {
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

const jobSummary = describing<JobSummary>()(z.object(summary).openapi("JobSummary"));

export const jobsPage = describing<Page<JobSummary>>()(
  z.object({ items: z.array(jobSummary), next: text.exactOptional() }).openapi("JobsPage"),
);

export const jobDetail = describing<JobDetail>()(
  z
    .object({
      ...summary,
      request: z.object({
        nonce: text,
        inputRoot: hash,
        auditRoot: hash,
        encryptionKey: bytes,
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
    })
    .openapi("JobDetail"),
);
