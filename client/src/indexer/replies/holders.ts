import type {
  AccountDetail,
  ParametersVersion,
  ProposalDetail,
  ProposalSummary,
  StakeSummary,
} from "@millrace/protocol";
import { z } from "zod";
import { address, amount, bytes, hash, place, whole } from "./fields.ts";

const parameterValues = z.record(z.string(), z.union([z.string(), z.number()]));

export const parametersVersion: z.ZodType<ParametersVersion> = z.object({
  version: whole,
  at: place,
  market: parameterValues,
  court: parameterValues,
});

const proposalFields = {
  proposalId: amount,
  proposer: address,
  description: z.string(),
  targets: z.array(address),
  values: z.array(amount),
  calldatas: z.array(bytes),
  voteStart: whole,
  voteEnd: whole,
  votesFor: amount,
  votesAgainst: amount,
  votesAbstain: amount,
  proposedAt: place,
  eta: whole.exactOptional(),
  queuedAt: place.exactOptional(),
  executedAt: place.exactOptional(),
  cancelledAt: place.exactOptional(),
};

export const proposalSummary: z.ZodType<ProposalSummary> = z.object(proposalFields);

export const proposalDetail: z.ZodType<ProposalDetail> = z.object({
  ...proposalFields,
  votes: z.array(
    z.object({
      voter: address,
      support: z.enum(["against", "for", "abstain"]),
      weight: amount,
      reason: z.string(),
      at: place,
    }),
  ),
});

export const stakeSummary: z.ZodType<StakeSummary> = z.object({
  staked: amount,
  stakers: whole,
  fees: z.array(z.object({ amount, staked: amount, at: place })),
  feesTotal: amount,
  delegates: z.array(z.object({ delegate: address, votes: amount, delegators: whole })),
});

export const accountDetail: z.ZodType<AccountDetail> = z.object({
  address,
  deposited: amount,
  withdrawn: amount,
  spent: amount,
  earned: amount,
  jobs: whole,
  lots: whole,
  backings: z.array(
    z.object({
      provider: address,
      putIn: amount,
      shares: amount,
      exits: z.array(z.object({ cohort: whole, assets: amount, withdrawn: amount })),
    }),
  ),
  seats: z.array(
    z.object({
      seatId: whole,
      modelId: hash,
      stake: amount,
      isTaken: z.boolean(),
      penalties: amount,
      pay: amount,
    }),
  ),
  staked: amount,
  cooling: amount,
  votes: amount,
  delegate: address.exactOptional(),
  feesClaimed: amount,
  operators: z.array(
    z.object({
      operator: address,
      role: z.enum(["provider", "buyer"]),
      amount,
      periodSeconds: whole.exactOptional(),
    }),
  ),
});
