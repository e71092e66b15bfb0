import { db } from "ponder:api";
import { offer, provider } from "ponder:schema";
import { createRoute, z } from "@hono/zod-openapi";
import { type BookQuote, costUp, TOKENS_PER_PRICE } from "@millrace/protocol";
import { and, asc, eq, gte, lt, lte, sql } from "ponder";
import { getAddress } from "viem";
import { newApp, replies } from "../lib/app.ts";
import { isLive, itsProvider } from "../lib/live.ts";
import { requireModel } from "../lib/requireModel.ts";
import { shared } from "../lib/shared.ts";
import { readSnapshot } from "../lib/status.ts";
import { takenOf } from "../lib/takenOf.ts";
import { countParam, hashParam } from "../schemas/fields.ts";
import { bookQuote } from "../schemas/market.ts";
import { priceOf } from "../views/prices.ts";

const MOST_ITEMS = 2 ** 32 - 1;
const MOST_TOKENS = 2 ** 32 - 1;
const MOST_OFFERS = 1_000;

export const quotes = newApp();

quotes.openapi(
  createRoute({
    method: "get",
    path: "/v1/quotes",
    summary: `What the ${MOST_OFFERS} cheapest live offers would take of a batch: \`promptTokens\` and \`outputTokens\` of each item.`,
    responses: replies(bookQuote),
    request: {
      query: z.strictObject({
        modelId: hashParam,
        items: countParam(1, MOST_ITEMS),
        promptTokens: countParam(0, MOST_TOKENS),
        outputTokens: countParam(0, MOST_TOKENS),
      }),
    },
  }),
  async (c) => {
    const batch = c.req.valid("query");
    const state = await readSnapshot();
    const { status, now } = state;
    const { modelId, items, promptTokens, outputTokens } = batch;
    const key = `quote ${modelId} ${items} ${promptTokens} ${outputTokens}`;
    const [, taken] = await shared(state, key, () => Promise.all([requireModel(modelId), fill(batch, now)]));
    return c.json({ modelId, status, items, ...taken }, 200);
  },
);

interface Batch {
  modelId: `0x${string}`;
  items: number;
  promptTokens: number;
  outputTokens: number;
}

/** Takes of each offer that fits, cheapest for this batch first, as much as it has. */
async function fill(batch: Batch, now: number): Promise<Pick<BookQuote, "fills" | "unfilledItems" | "cost">> {
  const fills: BookQuote["fills"] = [];
  let left = batch.items;
  let cost = 0n;
  for (const row of await readOffers(batch, now)) {
    const items = takenOf(row, { ...batch, items: left });
    if (items === 0) continue;
    const count = BigInt(items);
    const its = costUp(count * BigInt(batch.promptTokens), count * BigInt(batch.outputTokens), row);
    const { offerId } = row;
    fills.push({ ...priceOf(row), offerId, provider: getAddress(row.provider), items, cost: String(its) });
    cost += its;
    left -= items;
    if (left === 0) break;
  }
  return { fills, unfilledItems: left, cost: String(cost) };
}

async function readOffers(batch: Batch, now: number) {
  const itemPrice = sql`${offer.promptPricePerMillion} * ${batch.promptTokens}::bigint
    + ${offer.outputPricePerMillion} * ${batch.outputTokens}::bigint`;
  const rows = await db
    .select({ offer })
    .from(offer)
    .innerJoin(provider, itsProvider)
    .where(
      and(
        eq(offer.modelId, batch.modelId),
        isLive(now),
        gte(offer.maxPromptTokens, batch.promptTokens),
        gte(offer.maxOutputTokens, batch.outputTokens),
        lte(
          offer.minLotItems,
          sql`least(${batch.items}::bigint, ${offer.capacityItems} - ${offer.filledItems})`,
        ),
        // Its largest lot is worth enough; see `takenOf`.
        lt(
          sql`(${offer.minLotValue} - 1) * ${TOKENS_PER_PRICE}::bigint`,
          sql`(${itemPrice}) * ${offer.maxLotItems}`,
        ),
      ),
    )
    .orderBy(asc(itemPrice), asc(offer.pairPrice), asc(offer.sequence))
    .limit(MOST_OFFERS);
  return rows.map((row) => row.offer);
}
