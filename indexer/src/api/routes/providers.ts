import { db } from "ponder:api";
import { backing, commitment, lot, offer, pool, provider } from "ponder:schema";
import { createRoute, z } from "@hono/zod-openapi";
import { and, asc, desc, eq, gt, lt, or } from "ponder";
import { getAddress, type Hex } from "viem";
import { newApp, replies } from "../lib/app.ts";
import { unknown } from "../lib/errors.ts";
import { pageOf } from "../lib/page.ts";
import { readRecords } from "../lib/records.ts";
import { shared } from "../lib/shared.ts";
import { readSnapshot } from "../lib/status.ts";
import { addressParam, afterPairParam, limitParam, noQuery } from "../schemas/fields.ts";
import { providerDetail, providersPage } from "../schemas/providers.ts";
import { lotView } from "../views/jobs.ts";
import { offerView } from "../views/offers.ts";

const LONGEST_PAGE = 1_000;
const MOST_OFFERS = 200;
const MOST_LOTS = 50;

export const providers = newApp();

providers.openapi(
  createRoute({
    method: "get",
    path: "/v1/providers",
    summary: "How providers have done; those that have earned most first.",
    responses: replies(providersPage),
    request: { query: z.strictObject({ after: afterPairParam, limit: limitParam(LONGEST_PAGE) }) },
  }),
  async (c) => {
    const { after, limit = 100 } = c.req.valid("query");
    const state = await readSnapshot();
    const page = await shared(state, `providers ${after} ${limit}`, async () => {
      const rows = await db
        .select()
        .from(provider)
        .where(after && isAfter(...after))
        .orderBy(desc(provider.earned), asc(provider.sequence))
        .limit(limit + 1);
      const of = pageOf(rows, limit, {
        view: (row) => row,
        cursor: (row) => `${row.earned}-${row.sequence}`,
      });
      return { ...of, items: await readRecords(of.items, state.now) };
    });
    return c.json(page, 200);
  },
);

providers.openapi(
  createRoute({
    method: "get",
    path: "/v1/providers/{address}",
    summary: "One provider, with its offers, its pool and its latest lots.",
    responses: replies(providerDetail),
    request: { params: z.object({ address: addressParam }), query: noQuery },
  }),
  async (c) => {
    const { address } = c.req.valid("param");
    const state = await readSnapshot();
    const detail = await shared(state, `provider ${address}`, () => readDetail(address, state.now));
    if (!detail) throw unknown("provider", address);
    return c.json(detail, 200);
  },
);

const isAfter = (earned: string, sequence: string) =>
  or(
    lt(provider.earned, BigInt(earned)),
    and(eq(provider.earned, BigInt(earned)), gt(provider.sequence, Number(sequence))),
  );

async function readDetail(address: Hex, now: number) {
  const [rows, offers, lots, pools, backers, models] = await Promise.all([
    db.select().from(provider).where(eq(provider.provider, address)),
    db
      .select()
      .from(offer)
      .where(eq(offer.provider, address))
      .orderBy(desc(offer.sequence))
      .limit(MOST_OFFERS),
    db
      .select()
      .from(lot)
      .leftJoin(commitment, eq(commitment.lotId, lot.lotId))
      .where(eq(lot.provider, address))
      .orderBy(desc(lot.sequence))
      .limit(MOST_LOTS),
    db.select().from(pool).where(eq(pool.provider, address)),
    db.select().from(backing).where(eq(backing.provider, address)).orderBy(asc(backing.sequence)),
    db.selectDistinct({ modelId: offer.modelId }).from(offer).where(eq(offer.provider, address)),
  ]);
  const [row] = rows;
  const [record] = await readRecords(rows, now);
  if (!row || !record) return undefined;
  const [its] = pools;
  return {
    ...record,
    models: models.map(({ modelId }) => modelId).sort(),
    offers: offers.map((posted) => offerView(posted, row.offerEpoch, now)),
    ...(its && {
      pool: {
        isOpen: its.isOpen,
        commissionBps: its.commissionBps,
        putIn: String(its.putIn),
        takenOut: String(its.takenOut),
        earned: String(its.earned),
        slashed: String(its.slashed),
        backers: backers.map(({ backer, putIn, shares, epoch }) => ({
          backer: getAddress(backer),
          putIn: String(putIn),
          shares: String(epoch === its.epoch ? shares : 0n),
        })),
      },
    }),
    lots: lots.map((taken) => lotView(taken.lot, taken.commitment)),
  };
}
