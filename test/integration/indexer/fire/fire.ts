import { once } from "node:events";
import { createIndexer, type Indexer, type IndexerOptions } from "@millrace/indexer";
import { Abandoned, type MarketDriver } from "../../../helpers/marketDriver/marketDriver.ts";
import { scenes } from "../../../helpers/marketDriver/scenes/index.ts";
import { awaitHead } from "./awaitHead.ts";
import { ailments, type FaultyProxy } from "./faultyProxy.ts";

/** Ponder takes blocks of a chain it does not know for final after 30. */
const MAX_REORG_DEPTH = 29;
const SYNC_TIMEOUT_MS = 170_000;

/** What a fire did to an indexer, for who reads the test's output. */
export interface FireReport {
  scenes: number;
  abandoned: number;
  reorgs: number;
  deepestReorg: number;
  outages: number;
  kills: number;
}

/**
 * Lets scenes of a market play while its chain takes blocks back, its node fails, and the indexer is killed; returns the
 * indexer that runs then, once it has read all.
 *
 * @param market plays on the node itself.
 * @param indexerOptions of an indexer that reads through `proxy`, with a store that outlives it.
 */
export async function setOnFire(
  market: MarketDriver,
  {
    proxy,
    indexerOptions,
    rounds,
    kills,
  }: { proxy: FaultyProxy; indexerOptions: IndexerOptions; rounds: number; kills: number },
): Promise<{ indexer: Indexer; report: FireReport }> {
  const { random, reader } = market;
  const report = { scenes: 0, abandoned: 0, reorgs: 0, deepestReorg: 0, outages: 0, kills: 0 };
  let indexer = await createIndexer(indexerOptions);
  let highest = 0n;
  const names = Object.keys(scenes);

  const killRounds = new Set<number>();
  while (killRounds.size < kills) killRounds.add(random.below(rounds));

  for (let round = 0; round < rounds; round++) {
    if (random.happens(0.3)) await mishap();
    if (killRounds.has(round)) {
      await playSome();
      const exited = once(indexer.process, "exit");
      indexer.process.kill("SIGKILL");
      await exited;
      await indexer.close();
      report.kills += 1;
      // It starts while things happen, and catches up with them.
      const restarted = createIndexer(indexerOptions);
      await Promise.all([playSome(), restarted.catch(() => {})]);
      indexer = await restarted;
    } else {
      await playSome();
    }
    // So that most reorgs take back what the indexer has read.
    if (random.happens(0.7)) await awaitHead(indexer.url, reader, { timeoutMs: SYNC_TIMEOUT_MS });
    await takeBack();
  }
  // No block of the last reorg is left that is as high.
  await market.mine(MAX_REORG_DEPTH + 1);
  await awaitHead(indexer.url, reader, { timeoutMs: SYNC_TIMEOUT_MS });
  return { indexer, report };

  async function playSome(): Promise<void> {
    const count = 1 + random.below(3);
    for (let i = 0; i < count; i++) {
      const name = names[random.below(names.length)]!;
      market.abandonRate = random.happens(0.4) ? 0.05 : 0;
      report.scenes += 1;
      try {
        await scenes[name]!(market);
      } catch (error) {
        if (!(error instanceof Abandoned)) throw error;
        report.abandoned += 1;
      }
    }
    market.abandonRate = 0;
    const head = await reader.getBlockNumber();
    if (head > highest) highest = head;
  }

  /** The node fails for as long as a few scenes take. */
  async function mishap(): Promise<void> {
    report.outages += 1;
    proxy.fail(ailments[random.below(ailments.length)]!, random.happens(0.5) ? 1 : 0.3);
    await playSome();
    // Reorgs that nobody could watch.
    if (random.happens(0.5)) await takeBack();
    proxy.recover();
  }

  /** Takes blocks back; other transactions follow, in this round or the next. */
  async function takeBack(): Promise<void> {
    const head = await reader.getBlockNumber();
    // Not below what may be final, given the highest head there was.
    const most = MAX_REORG_DEPTH - Number(highest - head);
    if (most < 1) return;
    const depth = 1 + random.below(most);
    await market.rpc("anvil_rollback", [depth]);
    report.reorgs += 1;
    report.deepestReorg = Math.max(report.deepestReorg, depth);
  }
}
