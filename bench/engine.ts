/**
 * Aggregate decoding speed of our engine beside a bare node-llama-cpp loop, for the shipped model and for one of
 * 115 million random parameters. Rounds of both are interleaved, so that a busy machine slows both alike.
 *
 *   npm run bench:engine [-- --json] [--rounds 7] [--threads 1] [--model FILE]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Comparison, compareAtSequences } from "./engine/compare.ts";
import { readConfig } from "./engine/config.ts";
import { hundredMillionShape, writeRandomModel } from "./engine/randomModel.ts";

const sequenceCounts = [1, 2, 4, 8, 16];
/** What a deviation of our engine from the bare loop may cost. */
const leastRatio = 0.95;

const config = readConfig(process.argv.slice(2));
const folder = await mkdtemp(join(tmpdir(), "millrace-bench-"));
try {
  const large = join(folder, "random-115m-q8_0.gguf");
  await writeRandomModel(large, { tokenizerFrom: config.model, shape: hundredMillionShape });
  const results = [];
  // Small rounds, so that a disturbance hits both sides of a pair. Two waves on the fast model, where the change of a
  // sequence from one request to the next weighs most.
  const runs = [
    { modelPath: config.model, maxTokens: 48, waves: 2 },
    { modelPath: large, maxTokens: 32, waves: 1 },
  ];
  for (const run of runs) {
    const rows: Comparison[] = [];
    for (const sequences of sequenceCounts) {
      rows.push(await compareAtSequences({ ...config, ...run, sequences }));
      printRow(run.modelPath, rows);
    }
    const gain = rows.at(-1)!.tokensPerSecond / rows[0]!.tokensPerSecond;
    console.log(`16 sequences give ${gain.toFixed(2)} times the speed of one\n`);
    results.push({ model: rows[0]!.model, parameters: rows[0]!.parameters, rows, gain });
  }
  const worst = Math.min(...results.flatMap(({ rows }) => rows.map(({ ratio }) => ratio)));
  console.log(`worst ratio to the bare loop: ${worst.toFixed(3)} (at least ${leastRatio} is asked for)`);
  if (worst < leastRatio) process.exitCode = 1;
  if (config.json)
    console.log(JSON.stringify({ threads: config.threads, rounds: config.rounds, worst, results }));
} finally {
  await rm(folder, { recursive: true, force: true });
}

function printRow(modelPath: string, rows: readonly Comparison[]): void {
  const row = rows.at(-1)!;
  if (rows.length === 1) {
    console.log(`${row.model}: ${(row.parameters / 1e6).toFixed(1)} M parameters (${modelPath})`);
    console.log("sequences   engine tok/s   bare tok/s   engine/bare");
  }
  const cells = [row.tokensPerSecond.toFixed(0), row.bareTokensPerSecond.toFixed(0), row.ratio.toFixed(3)];
  console.log(
    `${String(row.sequences).padStart(9)}${cells[0]!.padStart(15)}${cells[1]!.padStart(13)}${cells[2]!.padStart(14)}`,
  );
}
