import { createIndexer, type Indexer } from "@millrace/indexer";
import { expect } from "vitest";
import type { MarketDriver } from "../../../helpers/marketDriver/marketDriver.ts";
import { awaitHead } from "./awaitHead.ts";
import { compareWithChain } from "./compareWithChain.ts";
import { readReplies } from "./replies.ts";
import { readTables, type Tables } from "./tables.ts";

const REPLAY_TIMEOUT_MS = 60_000;

/**
 * Holds an indexer that has read all to one that reads the chain from its beginning: each row of each table, and each
 * reply. And to the chain itself, as far as that can tell.
 */
export async function expectSameAsReplay(
  indexer: Indexer,
  { market, databaseUrl }: { market: MarketDriver; databaseUrl: string },
): Promise<Tables> {
  const { network, reader } = market;
  await using replayed = await createIndexer({
    network,
    databaseUrl,
    schema: `${indexer.schema}_replayed`,
    logLevel: "error",
  });
  await awaitHead(replayed.url, reader, { timeoutMs: REPLAY_TIMEOUT_MS });
  const tables = await readTables(databaseUrl, indexer.schema);
  const expected = await readTables(databaseUrl, replayed.schema);
  expect([...tables.keys()]).toEqual([...expected.keys()]);
  for (const [table, rows] of expected) expect(tables.get(table), table).toEqual(rows);

  expect(await compareWithChain(tables, network)).toEqual([]);

  const replies = await readReplies(indexer.url, tables);
  const expectedReplies = await readReplies(replayed.url, expected);
  for (const [path, reply] of expectedReplies) expect(replies.get(path), path).toEqual(reply);
  return tables;
}
