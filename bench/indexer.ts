/**
 * How fast the indexer is: reading a market's whole history beside a bare loop of `eth_getLogs` that only decodes; from a
 * mined block to the API; and an order book for many readers at once beside the bare SQL. Chain, database, indexer and
 * readers share one machine.
 *
 *   npm run bench:indexer [-- --json] [--events 100000] [--offers 10000] [--readers 32] [--seconds 5] [--blocks 51]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setInterval } from "node:timers/promises";
import { createIndexer, type IndexerOptions } from "@millrace/indexer";
import { openStore } from "@millrace/provider-agent";
import { startAnvil } from "../test/helpers/marketDriver/anvil.ts";
import { MarketDriver } from "../test/helpers/marketDriver/marketDriver.ts";
import { readAllLogs } from "./indexer/bareLoop.ts";
import { openBook } from "./indexer/bareSql.ts";
import { readConfig } from "./indexer/config.ts";
import { fetchText } from "./indexer/fetchText.ts";
import { fillMarket } from "./indexer/fillMarket.ts";
import { timeBlocks } from "./indexer/liveDelay.ts";
import { readTogether } from "./indexer/readTogether.ts";

/** What is asked for. */
const mostLiveDelayMs = 250;
const mostOrderBookMs = 20;
const mostTimesBareSql = 3;
const BOOK_LIMIT = 100;

const config = readConfig(process.argv.slice(2));
await using opened = new AsyncDisposableStack();
const folder = await mkdtemp(join(tmpdir(), "millrace-bench-"));
opened.defer(() => rm(folder, { recursive: true, force: true }));
const { connectionString: databaseUrl } = opened.use(await openStore({ folder }));
const { network } = opened.use(await startAnvil());
const market = new MarketDriver(network, 1);

// What starting takes, whatever there is to read.
const startMs = await timeStart({ network, databaseUrl, schema: "empty" });
const { modelId, events: written } = await fillMarket(market, config);
const raw = await readAllLogs(network);
if (raw.events < written) throw new Error(`Only ${raw.events} of ${written} events are there.`);

const startedAt = performance.now();
const indexer = opened.use(await createIndexer({ network, databaseUrl, schema: "bench", logLevel: "error" }));
const backfillMs = performance.now() - startedAt;
const backfillEventsPerSecond = Math.round((raw.events * 1_000) / backfillMs);
const rawEventsPerSecond = Math.round((raw.events * 1_000) / raw.ms);
console.log(`${raw.events.toLocaleString("en")} events, read from one node without limits\n`);
row("indexed, from start to ready, events/s", backfillEventsPerSecond);
row("  without what starting takes", Math.round((raw.events * 1_000) / Math.max(1, backfillMs - startMs)));
row("bare eth_getLogs and decoding, events/s", rawEventsPerSecond);

const liveDelayMsMedian = median(await timeBlocks(market, indexer.url, config.blocks));
row("mined block to API, ms", liveDelayMsMedian, mostLiveDelayMs);

console.log(`\nOrder book of ${config.offers} offers, ${config.readers} readers at a time, median in ms\n`);
const bookUrl = (limit: number) => `${indexer.url}/v1/models/${modelId}/book?limit=${limit}`;
const { asks } = JSON.parse(await fetchText(bookUrl(BOOK_LIMIT))) as { asks: unknown[] };
if (asks.length !== BOOK_LIMIT) throw new Error(`An order book of ${asks.length} asks`);
// As a chain does: what is kept of a reply does not outlive a block.
const mining = mineEachSecond(market);
const orderBookMsMedian = median(await readTogether(() => fetchText(bookUrl(BOOK_LIMIT)), config));
// No two readers ask for the same.
const eachItsOwn = (reader: number) => fetchText(bookUrl(BOOK_LIMIT - reader));
const ownBookMsMedian = median(await readTogether(eachItsOwn, config));
const now = await market.now();
const book = opened.use(openBook(databaseUrl, { schema: indexer.schema, modelId, now }));
const bareSqlMsMedian = median(await readTogether(() => book.read(BOOK_LIMIT), config));
await mining.stop();
row(
  "API, all for the same",
  orderBookMsMedian,
  Math.min(mostOrderBookMs, mostTimesBareSql * bareSqlMsMedian),
);
row("API, each for another number of offers", ownBookMsMedian);
row("bare SQL", bareSqlMsMedian);

if (
  liveDelayMsMedian > mostLiveDelayMs ||
  orderBookMsMedian > mostOrderBookMs ||
  orderBookMsMedian > mostTimesBareSql * bareSqlMsMedian
) {
  process.exitCode = 1;
}
if (config.json) {
  const { offers, readers } = config;
  const figures = { backfillEventsPerSecond, rawEventsPerSecond, liveDelayMsMedian, orderBookMsMedian };
  console.log(
    JSON.stringify({ events: raw.events, offers, readers, ...figures, ownBookMsMedian, bareSqlMsMedian }),
  );
}

async function timeStart(options: IndexerOptions): Promise<number> {
  const from = performance.now();
  await using _empty = await createIndexer({ ...options, logLevel: "error" });
  return performance.now() - from;
}

/** Mines a block with a transaction each second. */
function mineEachSecond(driver: MarketDriver): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const mined = (async () => {
    const { address } = await driver.trader();
    for await (const _ of setInterval(1_000, undefined, { signal: stopped.signal })) {
      await driver.send(address, "market", "deposit", [address, 1n]);
    }
  })().catch((error: unknown) => {
    if (!stopped.signal.aborted) throw error;
  });
  return {
    async stop() {
      stopped.abort();
      await mined;
    },
  };
}

function row(name: string, value: number, limit?: number): void {
  const figure = value.toLocaleString("en", { maximumFractionDigits: 1 });
  const aim = limit === undefined ? "" : `   (at most ${limit.toFixed(0)})`;
  console.log(`${name.padEnd(42)}${figure.padStart(12)}${aim}`);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(10 * sorted[Math.floor(sorted.length / 2)]!) / 10;
}
