import { MillraceError } from "@millrace/protocol";
import type { LlamaContextSequence, LlamaModel } from "node-llama-cpp";
import { aborted, engineClosed, engineFailed, throwIfAborted } from "./errors.ts";
import { type Generation, type GenerationPlan, type GenerationRun, startGeneration } from "./generate.ts";
import { takeMostAlike } from "./mostAlike.ts";

/** A request that waits for a sequence, or has one. */
interface Job {
  plan: GenerationPlan;
  signal: AbortSignal | undefined;
  resolve: (generation: Generation) => void;
  reject: (error: unknown) => void;
}

interface Running extends GenerationRun {
  job: Job;
  sequence: LlamaContextSequence;
}

/**
 * Generates for many requests on the sequences of one context, in step: all of them are asked for their next token
 * in the same turn, and nobody for another before everybody has theirs.
 *
 * Loops that run on their own, one for each sequence, make ragged batches: node-llama-cpp starts a batch with those
 * who are back from sampling, the others form a small one of their own, and small ones are dear (two tokens cost
 * three times what one costs with Q8_0 weights on x86). Sixteen sequences of a 115 M model give 130 tokens per CPU
 * second that way, and 250 in step.
 */
export interface Conductor {
  /** @throws MillraceError `aborted`, `engine-closed` or `engine-failed` */
  generate(plan: GenerationPlan, signal: AbortSignal | undefined): Promise<Generation>;
  /** Wall time during which there was something to generate. */
  busyMs(): number;
  /** Refuses all who wait and all who come; resolves when those who run are done. */
  close(): Promise<void>;
}

export function createConductor(options: {
  model: LlamaModel;
  sequences: readonly LlamaContextSequence[];
  /** Whether so many running sequences are faster when each goes its own pace. */
  runApart: (running: number) => boolean;
}): Conductor {
  const { model, runApart } = options;
  const idle = [...options.sequences];
  const waiting: Job[] = [];
  const running = new Set<Running>();
  let conducting: Promise<void> | undefined;
  let isClosed = false;
  let busyMs = 0;
  let busySince: number | undefined;

  async function conduct(): Promise<void> {
    busySince = performance.now();
    while (waiting.length > 0 || running.size > 0) {
      await admit();
      const apart = runApart(running.size);
      await Promise.all([...running].map((run) => advance(run, apart)));
    }
    busyMs += performance.now() - busySince;
    busySince = undefined;
    conducting = undefined;
  }

  /** First come, first served. */
  async function admit(): Promise<void> {
    while (idle.length > 0 && waiting.length > 0) {
      const job = waiting.shift()!;
      const sequence = takeMostAlike(idle, job.plan.promptTokenIds);
      try {
        throwIfAborted(job.signal);
        running.add({ ...(await startGeneration(model, sequence, job.plan)), job, sequence });
      } catch (cause) {
        idle.push(sequence);
        job.reject(engineFailed("starting to generate", cause));
      }
    }
  }

  /** One token; those who run apart go on until somebody else could be let in. */
  async function advance(run: Running, apart: boolean): Promise<void> {
    try {
      do {
        throwIfAborted(run.job.signal);
        const generation = await run.step();
        if (!generation) continue;
        await end(run);
        run.job.resolve(generation);
        return;
      } while (apart && !(waiting.length > 0 && idle.length > 0));
    } catch (cause) {
      // After a failed batch nobody knows what the sequence's cells hold.
      if (!(cause instanceof MillraceError)) await run.sequence.clearHistory().catch(() => {});
      await end(run);
      run.job.reject(engineFailed("generating", cause));
    }
  }

  async function end(run: Running): Promise<void> {
    await run.end();
    running.delete(run);
    idle.push(run.sequence);
  }

  return {
    async generate(plan, signal) {
      throwIfAborted(signal);
      if (isClosed) throw engineClosed();
      const { promise, resolve, reject } = Promise.withResolvers<Generation>();
      const job: Job = { plan, signal, resolve, reject };
      const leaveQueue = () => {
        const place = waiting.indexOf(job);
        if (place < 0) return;
        waiting.splice(place, 1);
        reject(aborted(signal!));
      };
      signal?.addEventListener("abort", leaveQueue, { once: true });
      waiting.push(job);
      conducting ??= conduct();
      try {
        return await promise;
      } finally {
        signal?.removeEventListener("abort", leaveQueue);
      }
    },

    busyMs: () => busyMs + (busySince === undefined ? 0 : performance.now() - busySince),

    async close() {
      isClosed = true;
      for (const { reject } of waiting.splice(0)) reject(engineClosed());
      await conducting;
    },
  };
}
