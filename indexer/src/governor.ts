import type { Context } from "ponder:registry";
import { proposal, proposalVote } from "ponder:schema";
import { on } from "./lib/on.ts";
import { placeOf, sequenceOf } from "./lib/place.ts";
import { plainText } from "./lib/plain.ts";

/** In the order of the Governor's numbers. */
const supports = ["against", "for", "abstain"] as const;
const votesOf = { against: "votesAgainst", for: "votesFor", abstain: "votesAbstain" } as const;

on("Governor:ProposalCreated", async ({ event, context }) => {
  const { proposalId, proposer, targets, values, calldatas, voteStart, voteEnd, description } = event.args;
  await context.db.insert(proposal).values({
    proposalId,
    proposer,
    description: plainText(description),
    targets: [...targets],
    values: values.map(String),
    calldatas: [...calldatas],
    voteStart: Number(voteStart),
    voteEnd: Number(voteEnd),
    votesFor: 0n,
    votesAgainst: 0n,
    votesAbstain: 0n,
    sequence: sequenceOf(event),
    proposedAt: placeOf(event),
  });
});

on("Governor:ProposalQueued", async ({ event, context }) => {
  const { proposalId, etaSeconds } = event.args;
  const change = { eta: Number(etaSeconds), queuedAt: placeOf(event) };
  await context.db.update(proposal, { proposalId }).set(change);
});

on("Governor:ProposalExecuted", async ({ event, context }) => {
  const { proposalId } = event.args;
  await context.db.update(proposal, { proposalId }).set({ executedAt: placeOf(event) });
});

on("Governor:ProposalCanceled", async ({ event, context }) => {
  const { proposalId } = event.args;
  await context.db.update(proposal, { proposalId }).set({ cancelledAt: placeOf(event) });
});

on("Governor:VoteCast", ({ event, context }) => count(context, event));
on("Governor:VoteCastWithParams", ({ event, context }) => count(context, event));

type Vote = Parameters<typeof placeOf>[0] &
  Parameters<typeof sequenceOf>[0] & {
    args: { voter: `0x${string}`; proposalId: bigint; support: number; weight: bigint; reason: string };
  };

async function count({ db }: Context, event: Vote): Promise<void> {
  const { voter, proposalId, weight, reason } = event.args;
  const support = supports[event.args.support]!;
  const field = votesOf[support];
  await db.insert(proposalVote).values({
    proposalId,
    voter,
    support,
    weight,
    reason: plainText(reason),
    sequence: sequenceOf(event),
    at: placeOf(event),
  });
  await db.update(proposal, { proposalId }).set((row) => ({ [field]: row[field] + weight }));
}

on("Governor:EIP712DomainChanged");
on("Governor:TimelockChange");
