import { availableParallelism, loadavg } from "node:os";
import { CANDIDATES } from "@millrace/protocol";
import type { LlamaContext, LlamaContextSequence, Token } from "node-llama-cpp";
import { throwIfAborted } from "./errors.ts";
import type { LoadedModel } from "./loadedModel.ts";
import { topCandidates } from "./rows.ts";

const measureMs = 70;
/** So many steps at least; but one is enough where steps take seconds. */
const minSteps = 3;
const patienceMs = 1_500;
/** After this, only what must be known is measured. Large models take as long as two measurements take. */
const budgetMs = 700;
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

  const speeds = new Map<number, number>();
  const counts = options.sequences === undefined ? countsToMeasure(most) : [most];
  for (const count of counts) {
    if (speeds.size >= 2 && performance.now() > deadline) break;
    speeds.set(count, await measure(context, count, signal));
  }
  const sequences = options.sequences ?? fastest(speeds);
  const tuning = { threads, sequences, tokensPerSecond: speeds.get(sequences)! };
  if (sequences === most) return { ...tuning, context };
  await context.dispose();
  return { ...tuning, context: await loaded.createContext({ contextTokens, sequences, threads }) };
}

/** Powers of two and `most` itself. The extremes first: if time runs out, they tell whether batching pays at all. */
export function countsToMeasure(most: number): number[] {
  const between = [16, 8, 2, 4, 32].filter((count) => count < most);
  return [...new Set([1, most, ...between])];
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
  return fastest(speeds);
}

/** A larger setting has to be this much faster: less is noise, and smaller ones take less memory and time per step. */
const worthwhile = 1.03;

/** The smallest setting that is not worthwhile to exceed. @param speeds tokens per second by setting */
export function fastest(speeds: ReadonlyMap<number, number>): number {
  const [first, ...larger] = [...speeds].sort(([a], [b]) => a - b);
  if (!first) throw new RangeError("nothing was measured");
  return larger.reduce((best, other) => (other[1] > best[1] * worthwhile ? other : best), first)[0];
}

/** Tokens per second when so many decode together. Leaves all sequences of the context free again. */
async function measure(
  context: LlamaContext,
  count: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const sequences = Array.from({ length: count }, () => context.getSequence());
  const generators = sequences.map((sequence) => decodeForever(sequence));
  const step = () => Promise.all(generators.map((generator) => generator.next()));
  try {
    // The first step fills caches.
    await step();
    const start = performance.now();
    const maxSteps = Math.floor(context.contextSize / 2);
    let steps = 0;
    let elapsedMs = 0;
    while (steps < maxSteps && (elapsedMs < measureMs || (steps < minSteps && elapsedMs < patienceMs))) {
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

/** As generating does, but for the choice among the candidates, which takes microseconds. */
function decodeForever(sequence: LlamaContextSequence) {
  const token = sequence.model.tokenize("a")[0] ?? (0 as Token);
  const options = { ...topCandidates(CANDIDATES), yieldEogToken: true };
  return sequence.evaluateWithMetadata([token], { probabilities: true }, options);
}
