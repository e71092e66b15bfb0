import pg from "pg";
import type { Hex } from "viem";

/** As many connections as the indexer has for its readers. */
const CONNECTIONS = 30;
const LIVE = `NOT o.is_cancelled AND o.valid_until >= $2 AND o.filled_items < o.capacity_items
  AND o.epoch = p.offer_epoch`;
const FROM = "FROM offer o JOIN provider p ON p.provider = o.provider WHERE o.model_id = $1";

/** The queries of an order book as the API makes them, and nothing around them. */
export function openBook(
  databaseUrl: string,
  { schema, modelId, now }: { schema: string; modelId: Hex; now: number },
): AsyncDisposable & { read(limit: number): Promise<unknown> } {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: CONNECTIONS,
    options: `-c search_path=${schema}`,
  });
  const query = (text: string, limit: number) => pool.query({ text, values: [modelId, now, limit] });
  return {
    read: (limit) =>
      Promise.all([
        query(`SELECT o.*, p.* ${FROM} AND ${LIVE} ORDER BY o.pair_price, o.sequence LIMIT $3`, limit),
        query(
          `SELECT o.prompt_price_per_million, o.output_price_per_million, o.pair_price,
             sum(o.capacity_items - o.filled_items), count(DISTINCT o.provider)
           ${FROM} AND ${LIVE}
           GROUP BY o.pair_price, o.prompt_price_per_million, o.output_price_per_million
           ORDER BY o.pair_price, o.prompt_price_per_million LIMIT $3`,
          limit,
        ),
        query(
          "SELECT * FROM job WHERE model_id = $1 AND bid_items > 0 AND bid_ends_at >= $2 LIMIT $3",
          limit,
        ),
        query(
          `SELECT l.*, j.* FROM lot l JOIN job j ON j.job_id = l.job_id
           WHERE l.model_id = $1 AND l.status = 'open' AND j.bid_ends_at >= $2 LIMIT $3`,
          limit,
        ),
      ]),
    [Symbol.asyncDispose]: () => pool.end(),
  };
}
