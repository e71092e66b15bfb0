import { db } from "ponder:api";
import { commitment, lot } from "ponder:schema";
import { createRoute, z } from "@hono/zod-openapi";
import { type AnyPgColumn, and, count, eq, gte, isNotNull, sql } from "ponder";
import { newApp, replies } from "../lib/app.ts";
import { requireModel } from "../lib/requireModel.ts";
import { shared } from "../lib/shared.ts";
import { readSnapshot } from "../lib/status.ts";
import { countParam, hashParam } from "../schemas/fields.ts";
import { pricePoint } from "../schemas/market.ts";

const MOST_POINTS = 1_000;
const HOUR_SECONDS = 3_600;
const LATEST_TIME = 2 ** 40;

export const prices = newApp();

prices.openapi(
  createRoute({
    method: "get",
    path: "/v1/models/{modelId}/prices",
    summary: `What was paid, by time, oldest first; at most the latest ${MOST_POINTS} spans in which anything was.`,
    responses: replies(z.array(pricePoint)),
    request: {
      params: z.object({ modelId: hashParam }),
      query: z.strictObject({
        from: countParam(0, LATEST_TIME).optional(),
        bucketSeconds: countParam(1, LATEST_TIME).optional(),
      }),
    },
  }),
  async (c) => {
    const { modelId } = c.req.valid("param");
    const { from = 0, bucketSeconds = HOUR_SECONDS } = c.req.valid("query");
    const state = await readSnapshot();
    const [, rows] = await shared(state, `prices ${modelId} ${from} ${bucketSeconds}`, () =>
      Promise.all([requireModel(modelId), readPoints(modelId, from, bucketSeconds)]),
    );
    return c.json(
      rows.toReversed().map((row) => ({
        from: row.from,
        lots: row.lots,
        promptTokens: row.promptTokens,
        outputTokens: row.outputTokens,
        average: { promptPricePerMillion: row.averagePrompt, outputPricePerMillion: row.averageOutput },
        low: { promptPricePerMillion: row.lowPrompt, outputPricePerMillion: row.lowOutput },
        high: { promptPricePerMillion: row.highPrompt, outputPricePerMillion: row.highOutput },
        paid: row.paid,
      })),
      200,
    );
  },
);

/** The newest first. */
async function readPoints(modelId: `0x${string}`, from: number, bucketSeconds: number) {
  const { promptPricePerMillion: prompt, outputPricePerMillion: output } = lot;
  const { promptTokens, outputTokens } = commitment;
  const bucket = sql<number>`(${lot.settledTime} / ${bucketSeconds}::bigint) * ${bucketSeconds}::bigint`;
  // Where nothing was counted, each lot weighs the same.
  const average = (price: AnyPgColumn, tokens: AnyPgColumn) =>
    sql<string>`coalesce(
      trunc(sum(${price} * ${tokens}) / nullif(sum(${tokens}), 0)),
      trunc(avg(${price}))
    )::text`;
  return db
    .select({
      from: bucket.mapWith(Number),
      lots: count(),
      promptTokens: sql<string>`sum(${promptTokens})::text`,
      outputTokens: sql<string>`sum(${outputTokens})::text`,
      averagePrompt: average(prompt, promptTokens),
      averageOutput: average(output, outputTokens),
      lowPrompt: sql<string>`min(${prompt})::text`,
      lowOutput: sql<string>`min(${output})::text`,
      highPrompt: sql<string>`max(${prompt})::text`,
      highOutput: sql<string>`max(${output})::text`,
      paid: sql<string>`sum(${lot.paid})::text`,
    })
    .from(lot)
    .innerJoin(commitment, eq(commitment.lotId, lot.lotId))
    .where(and(eq(lot.modelId, modelId), isNotNull(lot.settledTime), gte(lot.settledTime, from)))
    .groupBy(sql`1`)
    .orderBy(sql`1 DESC`)
    .limit(MOST_POINTS);
}
