import { db } from "ponder:api";
import { proposal, proposalVote, parametersVersion as versions } from "ponder:schema";
import { createRoute, z } from "@hono/zod-openapi";
import type { ProposalDetail, ProposalSummary } from "@millrace/protocol";
import { asc, desc, eq, lt } from "ponder";
import { getAddress } from "viem";
import { newApp, replies } from "../lib/app.ts";
import { unknown } from "../lib/errors.ts";
import { pageOf } from "../lib/page.ts";
import { shared } from "../lib/shared.ts";
import { readSnapshot } from "../lib/status.ts";
import { afterParam, limitParam, noQuery } from "../schemas/fields.ts";
import { parametersVersion, proposalDetail, proposalsPage } from "../schemas/governance.ts";

/** They are as long as their authors like. */
const LONGEST_PAGE = 100;
const MOST_ID = 2n ** 256n - 1n;

export const governance = newApp();

governance.openapi(
  createRoute({
    method: "get",
    path: "/v1/parameters",
    summary: "Every version of the parameters, newest first.",
    responses: replies(z.array(parametersVersion)),
    request: { query: noQuery },
  }),
  async (c) => {
    const state = await readSnapshot();
    const rows = await shared(state, "parameters", () =>
      db.select().from(versions).orderBy(desc(versions.version)),
    );
    return c.json(
      rows.map(({ version, at, market, court }) => ({ version, at, market, court })),
      200,
    );
  },
);

governance.openapi(
  createRoute({
    method: "get",
    path: "/v1/proposals",
    summary: "Proposals, newest first.",
    responses: replies(proposalsPage),
    request: { query: z.strictObject({ after: afterParam, limit: limitParam(LONGEST_PAGE) }) },
  }),
  async (c) => {
    const { after, limit = LONGEST_PAGE } = c.req.valid("query");
    const state = await readSnapshot();
    const rows = await shared(state, `proposals ${after} ${limit}`, () =>
      db
        .select()
        .from(proposal)
        .where(after === undefined ? undefined : lt(proposal.sequence, after))
        .orderBy(desc(proposal.sequence))
        .limit(limit + 1),
    );
    return c.json(pageOf(rows, limit, { view: proposalView, cursor: (row) => row.sequence }), 200);
  },
);

governance.openapi(
  createRoute({
    method: "get",
    path: "/v1/proposals/{proposalId}",
    summary: "One proposal, with its votes in their order.",
    responses: replies(proposalDetail),
    request: {
      params: z.object({
        proposalId: z
          .string()
          .regex(/^\d{1,78}$/, "Its number, in decimal.")
          .transform(BigInt)
          .refine((id) => id <= MOST_ID, "Its number, of at most 256 bits.")
          .openapi({ type: "string" }),
      }),
      query: noQuery,
    },
  }),
  async (c) => {
    const { proposalId } = c.req.valid("param");
    const state = await readSnapshot();
    const [[row], votes] = await shared(state, `proposal ${proposalId}`, () =>
      Promise.all([
        db.select().from(proposal).where(eq(proposal.proposalId, proposalId)),
        db
          .select()
          .from(proposalVote)
          .where(eq(proposalVote.proposalId, proposalId))
          .orderBy(asc(proposalVote.sequence)),
      ]),
    );
    if (!row) throw unknown("proposal", String(proposalId));
    return c.json({ ...proposalView(row), votes: votes.map(voteView) }, 200);
  },
);

function proposalView(row: typeof proposal.$inferSelect): ProposalSummary {
  return {
    proposalId: String(row.proposalId),
    proposer: getAddress(row.proposer),
    description: row.description,
    targets: row.targets.map((target) => getAddress(target)),
    values: row.values,
    calldatas: row.calldatas,
    voteStart: row.voteStart,
    voteEnd: row.voteEnd,
    votesFor: String(row.votesFor),
    votesAgainst: String(row.votesAgainst),
    votesAbstain: String(row.votesAbstain),
    proposedAt: row.proposedAt,
    ...(row.eta !== null && { eta: row.eta }),
    ...(row.queuedAt && { queuedAt: row.queuedAt }),
    ...(row.executedAt && { executedAt: row.executedAt }),
    ...(row.cancelledAt && { cancelledAt: row.cancelledAt }),
  };
}

function voteView(row: typeof proposalVote.$inferSelect): ProposalDetail["votes"][number] {
  return {
    voter: getAddress(row.voter),
    // As the handler writes it.
    support: row.support as "against" | "for" | "abstain",
    weight: String(row.weight),
    reason: row.reason,
    at: row.at,
  };
}
