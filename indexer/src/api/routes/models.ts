import { db } from "ponder:api";
import { attestation, model, modelUse, offer, provider } from "ponder:schema";
import { createRoute, z } from "@hono/zod-openapi";
import type { ModelSummary } from "@millrace/protocol";
import { type AnyPgColumn, and, asc, count, countDistinct, desc, eq, gt, inArray, lte, sql } from "ponder";
import { getAddress } from "viem";
import { newApp, replies } from "../lib/app.ts";
import { unknown } from "../lib/errors.ts";
import { isLive, itsProvider } from "../lib/live.ts";
import { pageOf } from "../lib/page.ts";
import { shared } from "../lib/shared.ts";
import { readSnapshot } from "../lib/status.ts";
import { afterParam, hashParam, limitParam, noQuery } from "../schemas/fields.ts";
import { modelDetail, modelsPage } from "../schemas/market.ts";
import { priceOf } from "../views/prices.ts";

const LONGEST_PAGE = 1_000;
// Texts are as long as their authors like, and anybody may write any number of them.
const MOST_MODEL_BYTES = 1_024;
const MOST_ATTESTATIONS = 200;
const MOST_ATTESTATION_BYTES = 16_384;

export const models = newApp();

models.openapi(
  createRoute({
    method: "get",
    path: "/v1/models",
    summary: `Published models, in the order of publication; without those whose texts take more than ${MOST_MODEL_BYTES} bytes.`,
    responses: replies(modelsPage),
    request: { query: z.strictObject({ after: afterParam, limit: limitParam(LONGEST_PAGE) }) },
  }),
  async (c) => {
    const { after, limit = 100 } = c.req.valid("query");
    const state = await readSnapshot();
    const page = await shared(state, `models ${after} ${limit}`, async () => {
      const isListed = and(
        lte(textBytes(model.name, model.quantization, model.licence), MOST_MODEL_BYTES),
        after === undefined ? undefined : gt(model.sequence, after),
      );
      const rows = await readModels(isListed, limit + 1);
      const of = pageOf(rows, limit, { view: (row) => row, cursor: (row) => row.model.sequence });
      return { ...of, items: await summaries(of.items, state.now) };
    });
    return c.json(page, 200);
  },
);

models.openapi(
  createRoute({
    method: "get",
    path: "/v1/models/{modelId}",
    summary: `One model, with what is said of it: the latest ${MOST_ATTESTATIONS} that take at most ${MOST_ATTESTATION_BYTES} bytes of text.`,
    responses: replies(modelDetail),
    request: { params: z.object({ modelId: hashParam }), query: noQuery },
  }),
  async (c) => {
    const { modelId } = c.req.valid("param");
    const state = await readSnapshot();
    const [[summary], said] = await shared(state, `model ${modelId}`, () =>
      Promise.all([
        readModels(eq(model.modelId, modelId), 1).then((rows) => summaries(rows, state.now)),
        db
          .select()
          .from(attestation)
          .where(
            and(
              eq(attestation.modelId, modelId),
              lte(textBytes(attestation.kind, attestation.uri, attestation.summary), MOST_ATTESTATION_BYTES),
            ),
          )
          .orderBy(desc(attestation.sequence))
          .limit(MOST_ATTESTATIONS)
          .then((rows) => rows.toReversed()),
      ]),
    );
    if (!summary) throw unknown("model", modelId);
    const attestations = said.map(({ attester, kind, contentHash, uri, summary: words, at }) => {
      return { attester: getAddress(attester), kind, contentHash, uri, summary: words, at };
    });
    return c.json({ ...summary, attestations }, 200);
  },
);

const textBytes = (...texts: AnyPgColumn[]) =>
  sql<number>`${sql.join(
    texts.map((text) => sql`octet_length(${text})`),
    sql` + `,
  )}`;

type ModelRow = Awaited<ReturnType<typeof readModels>>[number];

/** In the order of publication. */
const readModels = (where: ReturnType<typeof and>, limit: number) =>
  db
    .select()
    .from(model)
    .leftJoin(modelUse, eq(modelUse.modelId, model.modelId))
    .where(where)
    .orderBy(asc(model.sequence))
    .limit(limit);

async function summaries(rows: readonly ModelRow[], now: number): Promise<ModelSummary[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.model.modelId);
  const isOffered = and(isLive(now), inArray(offer.modelId, ids));
  const [live, best] = await Promise.all([
    db
      .select({
        modelId: offer.modelId,
        offers: count(),
        providers: countDistinct(offer.provider),
        items: sql<string>`sum(${offer.capacityItems} - ${offer.filledItems})`.mapWith(Number),
      })
      .from(offer)
      .innerJoin(provider, itsProvider)
      .where(isOffered)
      .groupBy(offer.modelId),
    db
      .selectDistinctOn([offer.modelId], {
        modelId: offer.modelId,
        promptPricePerMillion: offer.promptPricePerMillion,
        outputPricePerMillion: offer.outputPricePerMillion,
      })
      .from(offer)
      .innerJoin(provider, itsProvider)
      .where(isOffered)
      .orderBy(asc(offer.modelId), asc(offer.pairPrice), asc(offer.sequence)),
  ]);
  const liveOf = new Map(live.map((row) => [row.modelId, row]));
  const bestOf = new Map(best.map((row) => [row.modelId, row]));
  return rows.map(({ model: row, model_use: use }) => {
    const cheapest = bestOf.get(row.modelId);
    return {
      modelId: row.modelId,
      publisher: getAddress(row.publisher),
      publishedAt: row.publishedAt,
      spec: {
        name: row.name,
        weightsHash: row.weightsHash,
        sizeBytes: String(row.sizeBytes),
        quantization: row.quantization,
        contextTokens: row.contextTokens,
        chatTemplateHash: row.chatTemplateHash,
        licence: row.licence,
        classHash: row.classHash,
      },
      liveOffers: liveOf.get(row.modelId)?.offers ?? 0,
      providers: liveOf.get(row.modelId)?.providers ?? 0,
      itemsLeft: liveOf.get(row.modelId)?.items ?? 0,
      ...(cheapest && { best: priceOf(cheapest) }),
      seats: use?.seats ?? 0,
      seatStake: String(use?.seatStake ?? 0),
      jobs: use?.jobs ?? 0,
      promptTokens: String(use?.promptTokens ?? 0),
      outputTokens: String(use?.outputTokens ?? 0),
      paid: String(use?.paid ?? 0),
    };
  });
}
