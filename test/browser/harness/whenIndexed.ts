import { createIndexerClient } from "@millrace/client";
import { eventually } from "./eventually.ts";
import type { TestMarket } from "./startMarket.ts";

/** Waits until the indexer has all that is on the chain now, which a page would else not find there. */
export async function whenIndexed({ network, reader }: TestMarket): Promise<void> {
  const head = Number(await reader.getBlockNumber());
  const indexer = createIndexerClient({ url: network.indexers![0]! });
  await eventually(async () => (await indexer.status()).block).toBeGreaterThanOrEqual(head);
}
