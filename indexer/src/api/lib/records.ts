import { db } from "ponder:api";
import { lot, offer, provider } from "ponder:schema";
import type { Percentiles, ProviderRecord } from "@millrace/protocol";
import { type AnyPgColumn, and, count, inArray, sql } from "ponder";
import { getAddress } from "viem";
import { isLive, itsProvider } from "./live.ts";

type Sql = ReturnType<typeof sql>;
type ProviderRow = typeof provider.$inferSelect;

/** The records of providers, in their order. */
export async function readRecords(rows: readonly ProviderRow[], now: number): Promise<ProviderRecord[]> {
  if (rows.length === 0) return [];
  const addresses = rows.map((row) => row.provider);
  const settled = sql`${lot.status} = 'settled'`;
  const [live, spreads] = await Promise.all([
    db
      .select({ provider: offer.provider, offers: count() })
      .from(offer)
      .innerJoin(provider, itsProvider)
      .where(and(inArray(offer.provider, addresses), isLive(now)))
      .groupBy(offer.provider),
    db
      .select({
        provider: lot.provider,
        latency: percentiles(
          sql`${lot.submittedTime} - ${lot.assignedTime}`,
          sql`${lot.submittedTime} IS NOT NULL`,
        ),
        promptPrice: percentiles(lot.promptPricePerMillion, settled),
        outputPrice: percentiles(lot.outputPricePerMillion, settled),
      })
      .from(lot)
      .where(inArray(lot.provider, addresses))
      .groupBy(lot.provider),
  ]);
  const liveOf = new Map(live.map((row) => [row.provider, row.offers]));
  const spreadOf = new Map(spreads.map((row) => [row.provider, row]));
  return rows.map((row) => {
    const spread = spreadOf.get(row.provider);
    const latency = spread && spreadOver(spread.latency, Number);
    const promptPrice = spread && spreadOver(spread.promptPrice, String);
    const outputPrice = spread && spreadOver(spread.outputPrice, String);
    return {
      provider: getAddress(row.provider),
      firstSeen: row.firstSeen,
      liveOffers: liveOf.get(row.provider) ?? 0,
      running: row.running,
      completed: row.completed,
      late: row.late,
      released: row.released,
      slashed: row.slashed,
      items: row.items,
      promptTokens: String(row.promptTokens),
      outputTokens: String(row.outputTokens),
      earned: String(row.earned),
      lost: String(row.lost),
      checks: {
        receiptsDemanded: row.receiptsDemanded,
        receiptsShown: row.receiptsShown,
        itemsDisputed: row.itemsDisputed,
        itemsCleared: row.itemsCleared,
        faultsProven: row.faultsProven,
        faultsJudged: row.faultsJudged,
      },
      ...(latency && { latency }),
      ...(promptPrice && { promptPrice }),
      ...(outputPrice && { outputPrice }),
    };
  });
}

/** Three percentiles, each a value that occurred, as texts in JSON; null over no rows. */
const percentiles = (value: Sql | AnyPgColumn, where: Sql) =>
  sql<string[] | null>`to_json(
    (percentile_disc(ARRAY[0.1, 0.5, 0.9]) WITHIN GROUP (ORDER BY ${value}) FILTER (WHERE ${where}))::text[]
  )`;

function spreadOver<T>(values: string[] | null, read: (text: string) => T): Percentiles<T> | undefined {
  const [p10, p50, p90] = values ?? [];
  if (p10 === undefined || p50 === undefined || p90 === undefined) return undefined;
  return { p10: read(p10), p50: read(p50), p90: read(p90) };
}
