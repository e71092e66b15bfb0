import { type ChatRequest, createLlamaEngine } from "@millrace/engine";
import { createBareLoop } from "./bareLoop.ts";

/** Medians over the rounds; ratios are taken within a round before. */
export interface Comparison {
  sequences: number;
  tokensPerSecond: number;
  bareTokensPerSecond: number;
  /** Our speed over the bare loop's. */
  ratio: number;
  /** Our speed over our speed with the first number of sequences. */
  gain: number;
  /** In tokens per second of CPU time: what is left of the noise when others use the machine too. */
  tokensPerCpuSecond: number;
  bareTokensPerCpuSecond: number;
}

export interface CompareOptions {
  modelPath: string;
  sequenceCounts: readonly number[];
  threads: number;
  rounds: number;
  maxTokens: number;
  /** Requests per sequence and round. */
  waves: number;
}

interface Measured {
  perSecond: number;
  perCpuSecond: number;
}

/** The two sides of one row: the same work, by our engine and by the bare loop. */
interface Pair extends AsyncDisposable {
  ours(): Promise<number>;
  theirs(): Promise<number>;
}

const animals = ["Dog", "Cat", "Frog", "Bird", "Bear", "Fish", "Duck", "Fox"];

/** Runs the same requests on our engine and on a bare loop, for each number of sequences in turn, round after round. */
export async function compare(options: CompareOptions): Promise<Comparison[]> {
  const { sequenceCounts, rounds } = options;
  await using resources = new AsyncDisposableStack();
  const pairs: Pair[] = [];
  for (const sequences of sequenceCounts) pairs.push(resources.use(await openPair(options, sequences)));

  const results: { ours: Measured; theirs: Measured }[][] = pairs.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, { ours, theirs }] of pairs.entries()) {
      // Who goes first changes by turns: the second may find the machine warmer.
      const before = round % 2 === 1 ? await measure(theirs) : undefined;
      const measured = await measure(ours);
      results[index]!.push({ ours: measured, theirs: before ?? (await measure(theirs)) });
    }
  }
  return sequenceCounts.map((sequences, index) => {
    const row = results[index]!;
    return {
      sequences,
      tokensPerSecond: median(row.map(({ ours }) => ours.perSecond)),
      bareTokensPerSecond: median(row.map(({ theirs }) => theirs.perSecond)),
      ratio: median(row.map(({ ours, theirs }) => ours.perSecond / theirs.perSecond)),
      gain: median(row.map(({ ours }, round) => ours.perSecond / results[0]![round]!.ours.perSecond)),
      tokensPerCpuSecond: median(row.map(({ ours }) => ours.perCpuSecond)),
      bareTokensPerCpuSecond: median(row.map(({ theirs }) => theirs.perCpuSecond)),
    };
  });
}

async function openPair(
  { modelPath, threads, maxTokens, waves }: CompareOptions,
  sequences: number,
): Promise<Pair> {
  await using opening = new AsyncDisposableStack();
  const engine = opening.use(await createLlamaEngine({ modelPath, sequences, threads, gpu: false }));
  const { contextTokens, flashAttention } = engine;
  const bare = opening.use(
    await createBareLoop({ modelPath, sequences, threads, contextTokens, flashAttention }),
  );
  const requests = Array.from({ length: Math.max(sequences * waves, 4) }, (_, index) =>
    request(index, maxTokens),
  );
  // This warms both up, and tells how the prompts render.
  const results = await Promise.all(requests.map((request) => engine.infer(request)));
  const prompts = results.map(({ promptTokenIds }) => promptTokenIds);
  await bare.run(prompts, maxTokens);
  const owned = opening.move();
  return {
    async ours() {
      const results = await Promise.all(requests.map((request) => engine.infer(request)));
      return results.reduce((sum, { usage }) => sum + usage.completionTokens, 0);
    },
    theirs: () => bare.run(prompts, maxTokens),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Short, and different from the first word on: neither prompts nor shared prefixes are what is measured. */
function request(index: number, maxTokens: number): ChatRequest {
  const content = `${animals[index % animals.length]} ${index}`;
  return { messages: [{ role: "user", content }], temperature: 0, max_tokens: maxTokens };
}

/** @param run does the work and returns how many tokens came out */
async function measure(run: () => Promise<number>): Promise<Measured> {
  const start = performance.now();
  const cpuStart = process.cpuUsage();
  const tokens = await run();
  const { user, system } = process.cpuUsage(cpuStart);
  return {
    perSecond: (tokens * 1_000) / (performance.now() - start),
    perCpuSecond: (tokens * 1_000_000) / (user + system),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
