import { availableParallelism, loadavg } from "node:os";
import type { LlamaContext, LlamaContextSequence, Token } from "node-llama-cpp";
import { throwIfAborted } from "./errors.ts";
import type { LoadedModel } from "./loadedModel.ts";

/** Decode steps cost almost the same for all lengths of short prompts. */
const promptTokens = 16;
const minSteps = 2;
const measureMs = 100;
/** After this, only what must be known is measured. Large models take as long as two measurements take. */
const budgetMs = 900;
/** A larger setting has to be this much faster: below it is noise, and smaller ones take less memory and time per step. */
const worthwhile = 1.03;
const maxSequences = 32;

export interface Tuning {
  threads: number;
  sequences: number;
  /** Aggregate decoding speed with these settings. */
  tokensPerSecond: number;
}

export interface TuneOptions {
  contextTokens: number;
  /** Fixes the setting instead of measuring it. */
  threads?: number | undefined;
  sequences?: number | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Finds threads and sequences by running the model for about a second.
 *
 * @returns the settings, and a context made with them whose sequences are all unused
 */
export async function tune(
  loaded: LoadedModel,
  options: TuneOptions,
): Promise<Tuning & { context: LlamaContext }> {
  const { contextTokens, signal } = options;
  const deadline = performance.now() + budgetMs;
  const most = options.sequences ?? (await loaded.maxSequences(contextTokens, maxSequences));
  const threads = options.threads ?? (await bestThreads(loaded, contextTokens, Math.min(most, 8), signal));
  const context = await loaded.createContext({ contextTokens, sequences: most, threads });

  if (options.sequences !== undefined) {
    const tokensPerSecond = await measure(context, options.sequences, signal);
    return { threads, sequences: options.sequences, tokensPerSecond, context };
  }
  const speeds = new Map<number, number>();
  // The extremes first: if time runs out, they tell whether batching pays at all.
  for (const sequences of [1, 16, 8, 32, 4, 2].filter((count) => count <= most)) {
    if (speeds.size >= 2 && performance.now() > deadline) break;
    speeds.set(sequences, await measure(context, sequences, signal));
  }
  const [sequences, tokensPerSecond] = fastest(speeds);
  if (sequences === most) return { threads, sequences, tokensPerSecond, context };
  await context.dispose();
  return {
    threads,
    sequences,
    tokensPerSecond,
    context: await loaded.createContext({ contextTokens, sequences, threads }),
  };
}

/**
 * One thread where fewer than four cores are free: two threads that share two cores with other work wait for each
 * other at every layer (95 tokens/s instead of 2,500 with the shipped model).
 */
async function bestThreads(
  loaded: LoadedModel,
  contextTokens: number,
  sequences: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const free = Math.min(loaded.llama.cpuMathCores, Math.floor(availableParallelism() - loadavg()[0]!));
  if (free < 4) return 1;
  const speeds = new Map<number, number>();
  for (const threads of [1, Math.ceil(free / 2), free]) {
    const context = await loaded.createContext({ contextTokens, sequences, threads });
    try {
      speeds.set(threads, await measure(context, sequences, signal));
    } finally {
      await context.dispose();
    }
  }
  return fastest(speeds)[0];
}

/** The smallest setting that is not worthwhile to exceed. */
export function fastest(speeds: ReadonlyMap<number, number>): [setting: number, speed: number] {
  const [first, ...larger] = [...speeds].sort(([a], [b]) => a - b);
  if (!first) throw new RangeError("nothing was measured");
  return larger.reduce((best, candidate) => (candidate[1] > best[1] * worthwhile ? candidate : best), first);
}

/** Tokens per second when `count` sequences decode together. Leaves all sequences of the context free again. */
async function measure(
  context: LlamaContext,
  count: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const sequences = Array.from({ length: count }, () => context.getSequence());
  const generators = sequences.map((sequence) => decodeForever(sequence));
  const step = () => Promise.all(generators.map((generator) => generator.next()));
  try {
    // The first step evaluates the prompts and fills caches.
    await step();
    const start = performance.now();
    const maxSteps = Math.floor(context.contextSize / 2);
    let steps = 0;
    let elapsedMs = 0;
    while (steps < maxSteps && (steps < minSteps || elapsedMs < measureMs)) {
      throwIfAborted(signal);
      await step();
      steps++;
      elapsedMs = performance.now() - start;
    }
    return (steps * count * 1_000) / elapsedMs;
  } finally {
    await Promise.all(generators.map((generator) => generator.return()));
    await Promise.all(sequences.map((sequence) => sequence.dispose()));
  }
}

function decodeForever(sequence: LlamaContextSequence): AsyncGenerator<Token, void> {
  const filler = sequence.model.tokenize("a")[0] ?? (0 as Token);
  const prompt = Array.from({ length: Math.min(promptTokens, sequence.contextSize >> 1) }, () => filler);
  return sequence.evaluate(prompt, { temperature: 0, seed: 1, yieldEogToken: true });
}
