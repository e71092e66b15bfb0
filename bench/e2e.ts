/**
 * What the market costs in time: a batch through chain, relay and two agents of one thread each, beside one process of
 * one thread with as many sequences in all and no market. Runs of both alternate, so that a busy machine slows both.
 *
 *   npm run bench:e2e [-- --json] [--rounds 3] [--seconds 24] [--sequences 8] [--model FILE]
 */
import { readConfig } from "./e2e/config.ts";
import { type Run, runEngineAlone, runMarket } from "./e2e/measure.ts";

/** What the whole market may take, as a multiple of the engine alone. */
const mostRatio = 1.5;
const PROBE_ITEMS = 64;

const { json, rounds, seconds, sequences, model } = readConfig(process.argv.slice(2));
const probe = await runEngineAlone(model, { itemCount: PROBE_ITEMS, sequences: 2 * sequences });
const itemCount = Math.ceil((PROBE_ITEMS * seconds * 1_000) / probe.ms);
console.log(`${itemCount} requests, ${2 * sequences} sequences in all\n`);
console.log("round   engine alone   market   market/alone");

const pairs: { alone: Run; market: Run; ratio: number }[] = [];
for (let round = 1; round <= rounds; round++) {
  const alone = await runEngineAlone(model, { itemCount, sequences: 2 * sequences });
  const market = await runMarket(model, { itemCount, sequences });
  pairs.push({ alone, market, ratio: market.ms / alone.ms });
  const [aloneSeconds, marketSeconds] = [alone, market].map(({ ms }) => `${(ms / 1000).toFixed(1)} s`);
  console.log(
    `${String(round).padStart(5)}${aloneSeconds!.padStart(15)}${marketSeconds!.padStart(9)}${pairs.at(-1)!.ratio.toFixed(2).padStart(15)}`,
  );
}
const ratio = median(pairs.map((pair) => pair.ratio));
console.log(`\nmedian: ${ratio.toFixed(2)} (at most ${mostRatio} is asked for)`);
if (ratio > mostRatio) process.exitCode = 1;
if (json) {
  const engineMs = Math.round(median(pairs.map(({ alone }) => alone.ms)));
  const marketMs = Math.round(median(pairs.map(({ market }) => market.ms)));
  console.log(
    JSON.stringify({ items: itemCount, sequences: 2 * sequences, rounds, engineMs, marketMs, ratio }),
  );
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
