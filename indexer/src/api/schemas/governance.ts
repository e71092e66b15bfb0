import { z } from "@hono/zod-openapi";
import type {
  Page,
  ParametersVersion,
  ProposalDetail,
  ProposalSummary,
  StakeSummary,
} from "@millrace/protocol";
import { address, amount, bytes, describing, place, seconds, text, whole } from "./fields.ts";

const fields = z.record(z.string(), z.union([z.string(), z.number()]));

export const parametersVersion = describing<ParametersVersion>()(
  z.object({ version: whole, at: place, market: fields, court: fields }).openapi("ParametersVersion"),
);

const summary = {
  proposalId: text,
  proposer: address,
  description: text,
  targets: z.array(address),
  values: z.array(amount),
  calldatas: z.array(bytes),
  voteStart: seconds,
  voteEnd: seconds,
  votesFor: amount,
  votesAgainst: amount,
  votesAbstain: amount,
  proposedAt: place,
  eta: seconds.exactOptional(),
  queuedAt: place.exactOptional(),
  executedAt: place.exactOptional(),
  cancelledAt: place.exactOptional(),
};

const proposalSummary = describing<ProposalSummary>()(z.object(summary).openapi("ProposalSummary"));

export const proposalsPage = describing<Page<ProposalSummary>>()(
  z.object({ items: z.array(proposalSummary), next: text.exactOptional() }).openapi("ProposalsPage"),
);

export const proposalDetail = describing<ProposalDetail>()(
  z
    .object({
      ...summary,
      votes: z.array(
        z.object({
          voter: address,
          support: z.enum(["against", "for", "abstain"]),
          weight: amount,
          reason: text,
          at: place,
        }),
      ),
    })
    .openapi("ProposalDetail"),
);

export const stakeSummary = describing<StakeSummary>()(
  z
    .object({
      staked: amount,
      stakers: whole,
      fees: z.array(z.object({ amount, staked: amount, at: place })),
      feesTotal: amount,
      delegates: z.array(z.object({ delegate: address, votes: amount, delegators: whole })),
    })
    .openapi("StakeSummary"),
);
