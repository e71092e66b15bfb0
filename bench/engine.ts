/**
 * Aggregate decoding speed of our engine beside a bare node-llama-cpp loop (one `for await` per sequence), for the
 * shipped model and for one of 115 million random parameters. All measurements are interleaved, round after round,
 * so that a busy machine slows all of them alike.
 *
 *   npm run bench:engine [-- --json] [--rounds 7] [--threads 1] [--model FILE]
 *
 * What batching can give on a CPU: one token reads all weights from memory once and does little with each; so do
 * sixteen, but then the arithmetic is the limit. One thread of an AVX-512 core needs 6.3 ms a token for the large
 * model alone, 3.1 ms at 16 sequences, 2.7 ms at 32, and 2.3 ms at 64 and in prefill, which is all there is
 * (llama.cpp's Q8_0 matrix kernel does about 100 GFLOP/s there). Small batches cost a fixed 17 ms more.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readModelInfo } from "@millrace/engine";
import { hundredMillionShape, writeRandomModel } from "@millrace/engine/gguf";
import { type Comparison, compare } from "./engine/compare.ts";
import { readConfig } from "./engine/config.ts";

const sequenceCounts = [1, 2, 4, 8, 16];
/** Our engine is to be about as fast as the bare loop ... */
const leastRatio = 0.95;
/** ... or else to take no more than this longer for a token: what choosing it in JavaScript may cost. */
const mostMsPerToken = 0.06;

const config = readConfig(process.argv.slice(2));
// Each of the ten llama.cpp instances has its own exit hook.
process.setMaxListeners(2 * sequenceCounts.length + 10);
const folder = await mkdtemp(join(tmpdir(), "millrace-bench-"));
try {
  const large = join(folder, "random-115m-q8_0.gguf");
  await writeRandomModel(large, { tokenizerFrom: config.model, shape: hundredMillionShape });
  // Short rounds, so that a disturbance hits all rows. Two waves on the fast model, where the change of a sequence
  // from one request to the next weighs most.
  const runs = [
    { modelPath: config.model, maxTokens: 48, waves: 2, rounds: 3 * config.rounds },
    { modelPath: large, maxTokens: 32, waves: 1, rounds: config.rounds },
  ];
  const models = [];
  for (const run of runs) {
    const { name, parameters } = await readModelInfo(run.modelPath);
    console.log(`${name}: ${(parameters / 1e6).toFixed(1)} M parameters`);
    const rows = await compare({ ...config, ...run, sequenceCounts });
    print(rows);
    models.push({ model: name, parameters, gain: rows.at(-1)!.gain, rows });
  }
  const all = models.flatMap(({ rows }) => rows);
  const worstRatio = Math.min(...all.map(({ ratio }) => ratio));
  const slow = all.filter((row) => row.ratio < leastRatio);
  const worstMsPerToken = Math.max(0, ...slow.map(msOverBareLoop));
  console.log(
    `worst ratio to the bare loop: ${worstRatio.toFixed(3)}; where it is below ${leastRatio}, ` +
      `a token takes at most ${worstMsPerToken.toFixed(3)} ms longer (${mostMsPerToken} are allowed)`,
  );
  if (worstMsPerToken > mostMsPerToken) process.exitCode = 1;
  if (config.json) {
    const { threads, rounds } = config;
    console.log(JSON.stringify({ threads, rounds, leastRatio, worstRatio, worstMsPerToken, models }));
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

function msOverBareLoop({ tokensPerSecond, ratio }: Comparison): number {
  return (1_000 * (1 - ratio)) / tokensPerSecond;
}

function print(rows: readonly Comparison[]): void {
  const line = (cells: readonly string[]) => console.log(cells.map((cell) => cell.padStart(11)).join(""));
  line(["", "tokens per", "second", "", "", "per CPU", "second"]);
  line(["sequences", "engine", "bare loop", "ratio", "gain", "engine", "bare loop"]);
  for (const row of rows) {
    line([
      String(row.sequences),
      row.tokensPerSecond.toFixed(0),
      row.bareTokensPerSecond.toFixed(0),
      row.ratio.toFixed(3),
      row.gain.toFixed(2),
      row.tokensPerCpuSecond.toFixed(0),
      row.bareTokensPerCpuSecond.toFixed(0),
    ]);
  }
  console.log(`16 sequences give ${rows.at(-1)!.gain.toFixed(2)} times the speed of one\n`);
}
