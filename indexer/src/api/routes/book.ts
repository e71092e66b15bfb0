import { db } from "ponder:api";
import { job, lot, offer, provider } from "ponder:schema";
import { createRoute, z } from "@hono/zod-openapi";
import type { Bid, IndexedOffer, OrderBook } from "@millrace/protocol";
import { and, asc, countDistinct, eq, gt, gte, sql } from "ponder";
import type { Hex } from "viem";
import { newApp, replies } from "../lib/app.ts";
import { isLive, itsProvider } from "../lib/live.ts";
import { pageOf } from "../lib/page.ts";
import { requireModel } from "../lib/requireModel.ts";
import { shared } from "../lib/shared.ts";
import { readSnapshot } from "../lib/status.ts";
import { afterParam, hashParam, limitParam } from "../schemas/fields.ts";
import { offersPage, orderBook } from "../schemas/market.ts";
import { bidView, reopenedView } from "../views/bids.ts";
import { offerView } from "../views/offers.ts";
import { priceOf } from "../views/prices.ts";

const LONGEST_PAGE = 1_000;

export const book = newApp();

book.openapi(
  createRoute({
    method: "get",
    path: "/v1/offers",
    summary: "Offers that can be taken now, in the order in which they were posted.",
    responses: replies(offersPage),
    request: {
      query: z.strictObject({
        modelId: hashParam.optional(),
        after: afterParam,
        limit: limitParam(LONGEST_PAGE),
      }),
    },
  }),
  async (c) => {
    const { modelId, after, limit = 100 } = c.req.valid("query");
    const state = await readSnapshot();
    const { now } = state;
    const rows = await shared(state, `offers ${modelId} ${after} ${limit}`, () =>
      db
        .select()
        .from(offer)
        .innerJoin(provider, itsProvider)
        .where(
          and(
            isLive(now),
            modelId && eq(offer.modelId, modelId),
            after === undefined ? undefined : gt(offer.sequence, after),
          ),
        )
        .orderBy(asc(offer.sequence))
        .limit(limit + 1),
    );
    const page = pageOf(rows, limit, {
      view: (row) => offerView(row.offer, row.provider.offerEpoch, now),
      cursor: (row) => row.offer.sequence,
    });
    return c.json(page, 200);
  },
);

book.openapi(
  createRoute({
    method: "get",
    path: "/v1/models/{modelId}/book",
    summary: "What is on offer for a model, and what is asked for.",
    responses: replies(orderBook),
    request: {
      params: z.object({ modelId: hashParam }),
      query: z.strictObject({ limit: limitParam(LONGEST_PAGE) }),
    },
  }),
  async (c) => {
    const { modelId } = c.req.valid("param");
    const { limit = 100 } = c.req.valid("query");
    const state = await readSnapshot();
    const { status, now } = state;
    const reply = await shared(state, `book ${modelId} ${limit}`, async () => {
      const [, asks, depth, bids] = await Promise.all([
        requireModel(modelId),
        readAsks(modelId, limit, now),
        readDepth(modelId, limit, now),
        readBids(modelId, limit, now),
      ]);
      return { modelId, status, asks, depth, bids };
    });
    return c.json(reply, 200);
  },
);

async function readAsks(modelId: Hex, limit: number, now: number): Promise<IndexedOffer[]> {
  const rows = await db
    .select()
    .from(offer)
    .innerJoin(provider, itsProvider)
    .where(and(eq(offer.modelId, modelId), isLive(now)))
    .orderBy(asc(offer.pairPrice), asc(offer.sequence))
    .limit(limit);
  return rows.map((row) => offerView(row.offer, row.provider.offerEpoch, now));
}

async function readDepth(modelId: Hex, limit: number, now: number): Promise<OrderBook["depth"]> {
  const { promptPricePerMillion, outputPricePerMillion, pairPrice } = offer;
  const rows = await db
    .select({
      promptPricePerMillion,
      outputPricePerMillion,
      items: sql<string>`sum(${offer.capacityItems} - ${offer.filledItems})`.mapWith(Number),
      providers: countDistinct(offer.provider),
    })
    .from(offer)
    .innerJoin(provider, itsProvider)
    .where(and(eq(offer.modelId, modelId), isLive(now)))
    .groupBy(pairPrice, promptPricePerMillion, outputPricePerMillion)
    .orderBy(asc(pairPrice), asc(promptPricePerMillion))
    .limit(limit);
  return rows.map((row) => ({ ...priceOf(row), items: row.items, providers: row.providers }));
}

async function readBids(modelId: Hex, limit: number, now: number): Promise<Bid[]> {
  const [jobs, lots] = await Promise.all([
    db
      .select()
      .from(job)
      .where(and(eq(job.modelId, modelId), gt(job.bidItems, 0), gte(job.bidEndsAt, now))),
    db
      .select()
      .from(lot)
      .innerJoin(job, eq(job.jobId, lot.jobId))
      .where(and(eq(lot.modelId, modelId), eq(lot.status, "open"), gte(job.bidEndsAt, now))),
  ]);
  const bids = [
    ...jobs.map((row) => bidView(row, now)),
    ...lots.map((row) => reopenedView(row.job, row.lot, now)),
  ];
  // Best for a provider first.
  return bids.sort((a, b) => compare(pairPriceOf(b), pairPriceOf(a))).slice(0, limit);
}

const pairPriceOf = ({ now }: Bid) => BigInt(now.promptPricePerMillion) + BigInt(now.outputPricePerMillion);
const compare = (a: bigint, b: bigint) => (a < b ? -1 : Number(a > b));
