import { z } from "@hono/zod-openapi";
import type { CaseDetail, CaseSummary, Page } from "@millrace/protocol";
import { address, amount, describing, hash, place, seconds, text, whole } from "./fields.ts";
import { marketEvent } from "./jobs.ts";

const verdict = z.enum(["none", "rejected", "inconclusive", "fault"]);

const summary = {
  caseId: text,
  kind: z.enum(["audit", "item", "delivery", "proven-fault"]),
  lotId: hash,
  jobId: hash,
  modelId: hash,
  buyer: address,
  provider: address,
  challenger: address,
  index: whole.exactOptional(),
  phase: text,
  deadline: seconds.exactOptional(),
  round: whole,
  bond: amount,
  verdict: verdict.exactOptional(),
  openedAt: place,
  endedAt: place.exactOptional(),
};

const caseSummary = describing<CaseSummary>()(z.object(summary).openapi("CaseSummary"));

export const casesPage = describing<Page<CaseSummary>>()(
  z.object({ items: z.array(caseSummary), next: text.exactOptional() }).openapi("CasesPage"),
);

export const caseDetail = describing<CaseDetail>()(
  z
    .object({
      ...summary,
      evidenceHash: hash.exactOptional(),
      juries: z.array(
        z.object({
          round: whole,
          redraws: whole,
          seats: z.array(
            z.object({
              seatId: whole,
              owner: address,
              committed: z.boolean(),
              vote: z.int().exactOptional(),
            }),
          ),
          median: z.int().exactOptional(),
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
    })
    .openapi("CaseDetail"),
);
