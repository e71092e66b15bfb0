import { createIndexer } from "@millrace/indexer";
import { describe, expect, onTestFinished, test } from "vitest";
import { startMarket } from "../../helpers/marketDriver/market.ts";
import { MarketDriver } from "../../helpers/marketDriver/marketDriver.ts";
import { scenes } from "../../helpers/marketDriver/scenes/index.ts";
import { createRandom } from "../../simulation/random.ts";
import { temporaryStore } from "../../store/fixture.ts";
import { awaitHead } from "./fire/awaitHead.ts";
import { type Call, startFaultyProxy } from "./fire/faultyProxy.ts";
import { setOnFire } from "./fire/fire.ts";
import { expectSameAsReplay } from "./fire/replay.ts";

// `npm run soak` sets both.
const rounds = Number(process.env.MILLRACE_FIRE_ROUNDS ?? 4);
const seed = Number(process.env.MILLRACE_FIRE_SEED ?? 1);
const SECONDS_PER_ROUND = 30;

/** A market, a node of its chain that can be made to fail, and a database. */
async function fixture() {
  const chain = await startMarket();
  onTestFinished(() => chain.close());
  const market = new MarketDriver(chain.network, seed);
  const proxy = await startFaultyProxy(chain.network.rpcUrl, createRandom(seed));
  onTestFinished(() => proxy[Symbol.asyncDispose]());
  const { connectionString: databaseUrl } = await temporaryStore();
  const network = { ...chain.network, rpcUrl: proxy.url };
  const indexerOptions = { network, databaseUrl, schema: "burnt", logLevel: "error" } as const;
  return { market, proxy, databaseUrl, indexerOptions };
}

describe("an indexer under fire equals a replay from genesis", () => {
  test(`after reorgs, outages and kills (seed ${seed}, ${rounds} rounds)`, {
    timeout: (120 + rounds * SECONDS_PER_ROUND) * 1_000,
  }, async () => {
    const { market, proxy, databaseUrl, indexerOptions } = await fixture();
    const kills = Math.max(1, Math.round(rounds / 10));
    const { indexer, report } = await setOnFire(market, { proxy, indexerOptions, rounds, kills });
    onTestFinished(() => indexer.close());
    console.log(`seed ${seed}: ${JSON.stringify(report)}`);
    const tables = await expectSameAsReplay(indexer, { market, databaseUrl });
    expect(tables.get("event")!.length).toBeGreaterThan(100);
  });

  test("after a reorg that is taken back while it is looked into", async () => {
    const { market, proxy, databaseUrl, indexerOptions } = await fixture();
    await scenes.paidJob!(market);
    const { address } = await market.trader();
    const deposit = (amount: bigint) => market.send(address, "market", "deposit", [address, amount]);
    const indexer = await createIndexer(indexerOptions);
    onTestFinished(() => indexer.close());
    for (const amount of [1n, 2n, 3n, 4n, 5n, 6n]) await deposit(amount);
    await awaitHead(indexer.url, market.reader, { timeoutMs: 30_000 });

    const polls = ({ method, params }: Call) => method === "eth_getBlockByNumber" && params[0] === "latest";
    await proxy.before(polls, async () => {
      await market.rpc("anvil_rollback", [6]);
      await market.mine(7);
    });
    // So it looks for the block from which the chains part. It has gone back by two when the first four are there again.
    const looksBack = ({ method, params }: Call) => method === "eth_getBlockByHash" && params[1] === false;
    for (let i = 0; i < 2; i++) await proxy.before(looksBack, async () => {});
    await proxy.before(looksBack, async () => {
      await market.rpc("anvil_rollback", [7]);
      for (const amount of [1n, 2n, 3n, 4n, 50n, 60n, 70n, 80n]) await deposit(amount);
    });
    await awaitHead(indexer.url, market.reader, { timeoutMs: 60_000 });
    await expectSameAsReplay(indexer, { market, databaseUrl });
  });
});
