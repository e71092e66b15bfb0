import { type ChatRequest, createLlamaEngine, type Engine } from "@millrace/engine";
import { type BareLoop, createBareLoop } from "./bareLoop.ts";

export interface Comparison {
  model: string;
  parameters: number;
  sequences: number;
  /** Medians over the rounds. */
  tokensPerSecond: number;
  bareTokensPerSecond: number;
  /** Median of the rounds' ratios of our speed to the bare loop's in the same round. */
  ratio: number;
}

const animals = ["Dog", "Cat", "Frog", "Bird", "Bear", "Fish", "Duck", "Fox"];

/** Runs the same requests on our engine and on a bare loop of the same shape, by turns. */
export async function compareAtSequences(options: {
  modelPath: string;
  sequences: number;
  threads: number;
  rounds: number;
  maxTokens: number;
  /** Requests per sequence and round. */
  waves: number;
}): Promise<Comparison> {
  const { modelPath, sequences, threads, rounds, maxTokens, waves } = options;
  await using engine = await createLlamaEngine({ modelPath, sequences, threads, gpu: false });
  await using bare = await createBareLoop({
    modelPath,
    sequences,
    threads,
    contextTokens: engine.contextTokens,
    flashAttention: engine.flashAttention,
  });
  const requests = Array.from({ length: Math.max(sequences * waves, 4) }, (_, index) =>
    request(index, maxTokens),
  );
  const warmUp = await Promise.all(requests.map((request) => engine.infer(request)));
  const prompts = warmUp.map(({ promptTokenIds }) => promptTokenIds);
  await bare.run(prompts, maxTokens);

  const pairs: { ours: number; theirs: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    // Who goes first changes by turns: the second may find the machine warmer.
    const theirsFirst = round % 2 === 1 ? await speedOfBare(bare, prompts, maxTokens) : undefined;
    const ours = await speedOfEngine(engine, requests);
    pairs.push({ ours, theirs: theirsFirst ?? (await speedOfBare(bare, prompts, maxTokens)) });
  }
  return {
    model: engine.model.name,
    parameters: engine.model.parameters,
    sequences,
    tokensPerSecond: median(pairs.map(({ ours }) => ours)),
    bareTokensPerSecond: median(pairs.map(({ theirs }) => theirs)),
    ratio: median(pairs.map(({ ours, theirs }) => ours / theirs)),
  };
}

function request(index: number, maxTokens: number): ChatRequest {
  // Short, and different from the first word on: neither prompts nor shared prefixes are what is measured.
  const content = `${animals[index % animals.length]} ${index}`;
  return { messages: [{ role: "user", content }], temperature: 0, max_tokens: maxTokens };
}

async function speedOfEngine(engine: Engine, requests: readonly ChatRequest[]): Promise<number> {
  const start = performance.now();
  const results = await Promise.all(requests.map((request) => engine.infer(request)));
  const tokens = results.reduce((sum, { usage }) => sum + usage.completionTokens, 0);
  return (tokens * 1_000) / (performance.now() - start);
}

async function speedOfBare(bare: BareLoop, prompts: readonly number[][], maxTokens: number): Promise<number> {
  const start = performance.now();
  const tokens = await bare.run(prompts, maxTokens);
  return (tokens * 1_000) / (performance.now() - start);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
