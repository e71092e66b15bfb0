import type { Row } from "@millrace/protocol";
import type { LlamaContext, LlamaContextSequence, Token } from "node-llama-cpp";
import { aborted, engineClosed, engineFailed, throwIfAborted } from "./errors.ts";
import { takeMostAlike } from "./mostAlike.ts";
import { evaluateRows } from "./rows.ts";

export interface ReadOptions {
  /** Of the last tokens; their prefix that a sequence already holds is not evaluated again. */
  rowCount: number;
  candidates: number;
  signal?: AbortSignal | undefined;
}

interface Job {
  tokenIds: readonly Token[];
  options: ReadOptions;
  resolve: (rows: Row[]) => void;
  reject: (error: unknown) => void;
}

/** Evaluates whole texts, several at once, on a context that nothing else uses. */
export interface TextReader {
  /** @throws MillraceError `aborted`, `engine-closed` or `engine-failed` */
  read(tokenIds: readonly Token[], options: ReadOptions): Promise<Row[]>;
  /** Refuses all who wait and all who come; resolves when those who run are done and the context is freed. */
  close(): Promise<void>;
}

/** @param openContext is called when there is something to read for the first time */
export function createTextReader(openContext: () => Promise<LlamaContext>): TextReader {
  const idle: LlamaContextSequence[] = [];
  const waiting: Job[] = [];
  const running = new Set<Promise<void>>();
  let opening: Promise<LlamaContext> | undefined;
  let isClosed = false;

  async function open(): Promise<LlamaContext> {
    const context = await openContext();
    while (context.sequencesLeft > 0) idle.push(context.getSequence());
    return context;
  }

  function startNext(): void {
    while (idle.length > 0 && waiting.length > 0) {
      const job = waiting.shift()!;
      const sequence = takeMostAlike(idle, [...job.tokenIds]);
      const work = readOn(sequence, job).then(job.resolve, job.reject);
      const done = work.then(() => {
        idle.push(sequence);
        running.delete(done);
        startNext();
      });
      running.add(done);
    }
  }

  return {
    async read(tokenIds, options) {
      const { signal } = options;
      throwIfAborted(signal);
      if (isClosed) throw engineClosed();
      const { promise, resolve, reject } = Promise.withResolvers<Row[]>();
      const job: Job = { tokenIds, options, resolve, reject };
      const leaveQueue = () => {
        const place = waiting.indexOf(job);
        if (place < 0) return;
        waiting.splice(place, 1);
        reject(aborted(signal!));
      };
      signal?.addEventListener("abort", leaveQueue, { once: true });
      waiting.push(job);
      opening ??= open();
      opening.then(startNext, (cause: unknown) => reject(engineFailed("making room for scoring", cause)));
      try {
        return await promise;
      } finally {
        signal?.removeEventListener("abort", leaveQueue);
      }
    },

    async close() {
      isClosed = true;
      for (const { reject } of waiting.splice(0)) reject(engineClosed());
      await Promise.all(running);
      await opening?.then(
        (context) => context.dispose(),
        () => {},
      );
    },
  };
}

async function readOn(sequence: LlamaContextSequence, { tokenIds, options }: Job): Promise<Row[]> {
  try {
    // At least those whose rows are asked for are evaluated anew. No shifting, as when generating.
    await sequence.adaptStateToTokens(tokenIds.slice(0, tokenIds.length - options.rowCount), false);
    return await evaluateRows(sequence, tokenIds.slice(sequence.nextTokenIndex), options);
  } catch (cause) {
    // After a failed batch nobody knows what the sequence's cells hold.
    await sequence.clearHistory().catch(() => {});
    throw engineFailed("scoring", cause);
  }
}
