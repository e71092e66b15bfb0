import type { CaseDetail, CaseSummary } from "@millrace/protocol";
import { z } from "zod";
import { address, amount, hash, place, whole } from "./fields.ts";
import { marketEvent } from "./jobs.ts";

const verdict = z.enum(["none", "rejected", "inconclusive", "fault"]);

const caseFields = {
  caseId: z.string().min(1),
  kind: z.enum(["audit", "item", "delivery", "proven-fault"]),
  lotId: hash,
  jobId: hash,
  modelId: hash,
  buyer: address,
  provider: address,
  challenger: address,
  index: whole.exactOptional(),
  phase: z.string(),
  deadline: whole.exactOptional(),
  round: whole,
  bond: amount,
  verdict: verdict.exactOptional(),
  openedAt: place,
  endedAt: place.exactOptional(),
};

export const caseSummary: z.ZodType<CaseSummary> = z.object(caseFields);

export const caseDetail: z.ZodType<CaseDetail> = z.object({
  ...caseFields,
  evidenceHash: hash.exactOptional(),
  juries: z.array(
    z.object({
      round: whole,
      redraws: whole,
      seats: z.array(
        z.object({ seatId: whole, owner: address, committed: z.boolean(), vote: z.int().exactOptional() }),
      ),
      median: z.number().exactOptional(),
      verdict: verdict.exactOptional(),
    }),
  ),
  ending: z
    .object({
      fees: amount,
      penalties: amount,
      cost: amount,
      toChallenger: amount,
      toProvider: amount,
      toVault: amount,
    })
    .exactOptional(),
  events: z.array(marketEvent),
});
