import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLlamaEngine, type Engine } from "@millrace/engine";
import { type Claim, claimedItemOf, claimOf } from "@millrace/engine/calibration";
import { hundredMillionShape, writeRandomModel } from "@millrace/engine/gguf";
import { CANDIDATES, gumbelNoise, itemsToCheck, pickCandidate } from "@millrace/protocol";
import { type BareLoop, createBareLoop } from "../engine/bareLoop.ts";

/** Medians of interleaved rounds; times are of CPU, so that who else uses the machine counts less. */
export interface ThreadCost {
  threads: number;
  /** Milliseconds a token, generated one request at a time, and as many at once as the engine chooses. */
  generateOneMs: number;
  generateManyMs: number;
  /** Milliseconds for a token of the output, scored one request at a time, and all at once. */
  scoreOneMs: number;
  scoreManyMs: number;
  sequences: number;
}

/** What sampling in JavaScript adds to a bare node-llama-cpp loop that samples natively. */
export interface SamplerCost {
  sequences: number;
  bareMsPerToken: number;
  oursMsPerToken: number;
}

export interface ProofCost {
  /** Reading 64 candidates and choosing one, in milliseconds a token. */
  pickMs: number;
  byThreads: ThreadCost[];
  sampler: SamplerCost[];
}

const OUTPUT_TOKENS = 128;
const REQUESTS = 16;
const EPSILON = 0.1;
const samplerSequences = [1, 16];

/** What generating and scoring cost on a model of 115 million random parameters in Q8_0. */
export async function measureCost({
  tokenizerFrom,
  rounds,
  onStep,
}: {
  tokenizerFrom: string;
  rounds: number;
  onStep: (step: string) => void;
}): Promise<ProofCost> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-proof-"));
  try {
    const modelPath = join(folder, "random-115m-q8_0.gguf");
    await writeRandomModel(modelPath, { tokenizerFrom, shape: hundredMillionShape });
    const byThreads: ThreadCost[] = [];
    for (const threads of [1, 2]) {
      onStep(`cost at ${threads} thread${threads === 1 ? "" : "s"}`);
      byThreads.push(await measureThreads({ modelPath, threads, rounds }));
    }
    const sampler: SamplerCost[] = [];
    for (const sequences of samplerSequences) {
      onStep(`sampler at ${sequences} sequence${sequences === 1 ? "" : "s"}`);
      sampler.push(await measureSampler({ modelPath, sequences, rounds }));
    }
    return { pickMs: await measurePicking(), byThreads, sampler };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Scoring so many items of a lot of 1,000 over generating them all: 5 % of wrong ones are found with 99 %. */
export function batchShare({ scoreManyMs }: ThreadCost, generateMs: number): number {
  const items = 1_000;
  return (
    (itemsToCheck({ fraction: 0.05, confidence: 0.99, itemCount: items }) * scoreManyMs) /
    (items * generateMs)
  );
}

async function measureThreads({
  modelPath,
  threads,
  rounds,
}: {
  modelPath: string;
  threads: number;
  rounds: number;
}): Promise<ThreadCost> {
  const shape = { modelPath, threads, gpu: false } as const;
  await using many = await createLlamaEngine(shape);
  await using one = await createLlamaEngine({ ...shape, sequences: 1 });
  // A random model never ends by itself, so all outputs are equally long.
  const claims = await Promise.all(requests().map((item) => claimOf(many, item)));
  const tokens = claims.reduce((sum, { claimed }) => sum + claimed.tokenIds.length, 0);
  const generate = (engine: Engine) => Promise.all(requests().map((item) => claimOf(engine, item)));
  const score = (engine: Engine, scored: readonly Claim[]) =>
    Promise.all(scored.map((claim) => engine.score(claimedItemOf(claim, { ...engine, epsilon: EPSILON }))));
  const scoreOneByOne = async () => {
    for (const claim of claims) await score(one, [claim]);
  };
  await score(many, claims.slice(0, 2));
  const perToken = async (work: () => Promise<unknown>) => (await cpuMsOf(work)) / tokens;
  const measured: Omit<ThreadCost, "threads" | "sequences">[] = [];
  for (let round = 0; round < rounds; round++) {
    measured.push({
      generateOneMs: await perToken(() => generate(one)),
      generateManyMs: await perToken(() => generate(many)),
      scoreOneMs: await perToken(scoreOneByOne),
      scoreManyMs: await perToken(() => score(many, claims)),
    });
  }
  const medianOf = (name: keyof (typeof measured)[number]) => median(measured.map((round) => round[name]));
  return {
    threads,
    generateOneMs: medianOf("generateOneMs"),
    generateManyMs: medianOf("generateManyMs"),
    scoreOneMs: medianOf("scoreOneMs"),
    scoreManyMs: medianOf("scoreManyMs"),
    sequences: many.sequences,
  };
}

async function measureSampler({
  modelPath,
  sequences,
  rounds,
}: {
  modelPath: string;
  sequences: number;
  rounds: number;
}): Promise<SamplerCost> {
  await using engine = await createLlamaEngine({ modelPath, threads: 1, sequences, gpu: false });
  const { contextTokens, flashAttention } = engine;
  const shape = { modelPath, sequences, threads: 1, contextTokens, flashAttention };
  await using bare: BareLoop = await createBareLoop(shape);
  const items = requests().slice(0, Math.max(4, sequences));
  const results = await Promise.all(items.map(({ request, seed }) => engine.infer(request, { seed })));
  const prompts = results.map(({ promptTokenIds }) => promptTokenIds);
  const tokens = OUTPUT_TOKENS * items.length;
  await bare.run(prompts, 8);
  const measured = [];
  for (let round = 0; round < rounds; round++) {
    measured.push({
      ours: await cpuMsOf(() =>
        Promise.all(items.map(({ request, seed }) => engine.infer(request, { seed }))),
      ),
      bare: await cpuMsOf(() => bare.run(prompts, OUTPUT_TOKENS)),
    });
  }
  return {
    sequences,
    oursMsPerToken: median(measured.map(({ ours }) => ours)) / tokens,
    bareMsPerToken: median(measured.map(({ bare }) => bare)) / tokens,
  };
}

/** What is done in JavaScript for each token: the candidates come as a map, and one of them is chosen. */
async function measurePicking(): Promise<number> {
  const tokens = 100_000;
  const noise = gumbelNoise(requests()[0]!.seed);
  const candidates = new Map(Array.from({ length: CANDIDATES }, (_, i) => [i * 31, 0.5 ** i]));
  let sum = 0;
  const ms = await cpuMsOf(async () => {
    for (let position = 0; position < tokens; position++) {
      const tokenIds = Uint32Array.from(candidates.keys());
      const logProbs = Float64Array.from(candidates.values(), Math.log);
      sum += pickCandidate({ tokenIds, logProbs, count: CANDIDATES }, { temperature: 0.8, noise, position });
    }
  });
  if (!(sum > 0)) throw new Error("Always the first of 64 candidates cannot have been chosen.");
  return ms / tokens;
}

/** Different from the first word on, so that no prefix is shared. */
function requests(): Claim["item"][] {
  return Array.from({ length: REQUESTS }, (_, id) => ({
    id,
    kind: "story",
    request: {
      messages: [{ role: "user", content: `${id} tales of ${id + 1} frogs and a fox` }],
      temperature: 0.8,
      max_tokens: OUTPUT_TOKENS,
    },
    seed: `0x${id.toString(16).padStart(64, "0")}`,
  }));
}

async function cpuMsOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}
