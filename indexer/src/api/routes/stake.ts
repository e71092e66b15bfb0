import { db } from "ponder:api";
import { account, stakeFee, totals } from "ponder:schema";
import { createRoute } from "@hono/zod-openapi";
import { and, count, desc, gt, inArray } from "ponder";
import { getAddress } from "viem";
import { newApp, replies } from "../lib/app.ts";
import { shared } from "../lib/shared.ts";
import { readSnapshot } from "../lib/status.ts";
import { noQuery } from "../schemas/fields.ts";
import { stakeSummary } from "../schemas/governance.ts";

const MOST_FEES = 500;
const MOST_DELEGATES = 100;

export const stake = newApp();

stake.openapi(
  createRoute({
    method: "get",
    path: "/v1/stake",
    summary: "Those who stake MILL, what reached them, and who votes for them.",
    responses: replies(stakeSummary),
    request: { query: noQuery },
  }),
  async (c) => {
    const state = await readSnapshot();
    return c.json(await shared(state, "stake", readStake), 200);
  },
);

async function readStake() {
  const [all, stakers, fees, delegates] = await Promise.all([
    db.select().from(totals),
    db.select({ count: count() }).from(account).where(gt(account.staked, 0n)),
    db.select().from(stakeFee).orderBy(desc(stakeFee.sequence)).limit(MOST_FEES),
    db
      .select({ delegate: account.address, votes: account.votes })
      .from(account)
      .where(gt(account.votes, 0n))
      .orderBy(desc(account.votes), account.address)
      .limit(MOST_DELEGATES),
  ]);
  const addresses = delegates.map(({ delegate }) => delegate);
  const delegators = await db
    .select({ delegate: account.delegate, count: count() })
    .from(account)
    .where(and(inArray(account.delegate, addresses), gt(account.staked, 0n)))
    .groupBy(account.delegate);
  const countOf = new Map(delegators.map((row) => [row.delegate, row.count]));
  return {
    staked: String(all[0]?.staked ?? 0n),
    stakers: stakers[0]?.count ?? 0,
    fees: fees.reverse().map(({ amount, staked, at }) => ({
      amount: String(amount),
      staked: String(staked),
      at,
    })),
    feesTotal: String(all[0]?.stakeFees ?? 0n),
    delegates: delegates.map(({ delegate, votes }) => ({
      delegate: getAddress(delegate),
      votes: String(votes),
      delegators: countOf.get(delegate) ?? 0,
    })),
  };
}
