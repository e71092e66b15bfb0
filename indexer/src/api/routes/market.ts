import { db } from "ponder:api";
import { offer, provider, totals } from "ponder:schema";
import { createRoute } from "@hono/zod-openapi";
import { count, countDistinct } from "ponder";
import { newApp, replies } from "../lib/app.ts";
import { isLive, itsProvider } from "../lib/live.ts";
import { shared } from "../lib/shared.ts";
import { network, readSnapshot, readStatus } from "../lib/status.ts";
import { noQuery } from "../schemas/fields.ts";
import { indexerStatus, marketTotals } from "../schemas/market.ts";

export const market = newApp();

market.openapi(
  createRoute({
    method: "get",
    path: "/v1/status",
    summary: "How far the chain has been read.",
    responses: replies(indexerStatus),
    request: { query: noQuery },
  }),
  async (c) => {
    const { chainId, market } = network;
    return c.json({ chainId, market, ...(await readStatus()) }, 200);
  },
);

market.openapi(
  createRoute({
    method: "get",
    path: "/v1/totals",
    summary: "The market in numbers, since it began.",
    responses: replies(marketTotals),
    request: { query: noQuery },
  }),
  async (c) => {
    const state = await readSnapshot();
    const [row, live] = await shared(state, "totals", () =>
      Promise.all([
        db
          .select()
          .from(totals)
          .then((rows) => rows[0]),
        db
          .select({ offers: count(), providers: countDistinct(offer.provider) })
          .from(offer)
          .innerJoin(provider, itsProvider)
          .where(isLive(state.now))
          .then((rows) => rows[0]),
      ]),
    );
    return c.json(
      {
        models: row?.models ?? 0,
        providers: live?.providers ?? 0,
        liveOffers: live?.offers ?? 0,
        jobs: row?.jobs ?? 0,
        lots: row?.lots ?? 0,
        items: row?.items ?? 0,
        promptTokens: String(row?.promptTokens ?? 0),
        outputTokens: String(row?.outputTokens ?? 0),
        paid: String(row?.paid ?? 0),
        fees: String(row?.fees ?? 0),
        slashed: String(row?.slashed ?? 0),
        openCases: row?.openCases ?? 0,
        cases: row?.cases ?? 0,
        staked: String(row?.staked ?? 0),
        // Whoever left took along what they had earned.
        backed: String(row && row.backed > 0n ? row.backed : 0),
      },
      200,
    );
  },
);
