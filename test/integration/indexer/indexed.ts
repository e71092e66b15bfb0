import { createIndexerClient, type IndexerClient } from "@millrace/client";
import type { Indexer } from "@millrace/indexer";
import type { MarketDriver } from "../../helpers/marketDriver/marketDriver.ts";

/** Asks an indexer, once it has read all that a market's chain has now. */
export async function clientAtHead(
  indexer: Pick<Indexer, "url">,
  { reader }: MarketDriver,
): Promise<IndexerClient> {
  const client = createIndexerClient({ url: indexer.url });
  const head = Number(await reader.getBlockNumber());
  const arrived = new AbortController();
  await client.live(({ block }) => {
    if (block >= head) arrived.abort();
  }, arrived.signal);
  return client;
}

/** Asks by hand, for what no client would ask. */
export async function ask(indexer: Pick<Indexer, "url">, path: string, init?: RequestInit) {
  const response = await fetch(`${indexer.url}${path}`, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: (): unknown => JSON.parse(text) };
}
