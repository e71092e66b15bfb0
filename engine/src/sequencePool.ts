import type { LlamaContextSequence, Token } from "node-llama-cpp";
import { aborted, engineClosed, throwIfAborted } from "./errors.ts";
import { commonPrefixLength } from "./generate.ts";

interface Waiter {
  promptTokenIds: readonly Token[];
  grant: (sequence: LlamaContextSequence) => void;
  refuse: (error: unknown) => void;
}

/** Lends a context's sequences to requests, first come, first served. */
export interface SequencePool {
  /**
   * Waits for a sequence; of several idle ones it takes that whose state shares the longest prefix with the prompt,
   * so that a prompt opening common to many requests is evaluated once per sequence.
   *
   * @throws MillraceError `aborted` or `engine-closed`
   */
  acquire(promptTokenIds: readonly Token[], signal: AbortSignal | undefined): Promise<LlamaContextSequence>;
  release(sequence: LlamaContextSequence): void;
  /** Refuses all who wait and all who come; resolves when every sequence is back. */
  close(): Promise<void>;
}

export function createSequencePool(sequences: readonly LlamaContextSequence[]): SequencePool {
  const idle = [...sequences];
  const waiters = new Set<Waiter>();
  const allIdle = Promise.withResolvers<void>();
  let isClosed = false;

  function takeBest(promptTokenIds: readonly Token[]): LlamaContextSequence {
    let best = 0;
    let longest = -1;
    for (const [index, sequence] of idle.entries()) {
      const length = commonPrefixLength(sequence, promptTokenIds);
      if (length > longest) [best, longest] = [index, length];
    }
    return idle.splice(best, 1)[0]!;
  }

  return {
    async acquire(promptTokenIds, signal) {
      throwIfAborted(signal);
      if (isClosed) throw engineClosed();
      if (idle.length > 0) return takeBest(promptTokenIds);
      const { promise, resolve, reject } = Promise.withResolvers<LlamaContextSequence>();
      const waiter: Waiter = { promptTokenIds, grant: resolve, refuse: reject };
      waiters.add(waiter);
      const onAbort = () => {
        if (waiters.delete(waiter)) reject(aborted(signal!));
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      try {
        return await promise;
      } finally {
        signal?.removeEventListener("abort", onAbort);
      }
    },

    release(sequence) {
      idle.push(sequence);
      const [next] = waiters;
      if (next) {
        waiters.delete(next);
        next.grant(takeBest(next.promptTokenIds));
      } else if (isClosed && idle.length === sequences.length) {
        allIdle.resolve();
      }
    },

    async close() {
      isClosed = true;
      for (const waiter of waiters) waiter.refuse(engineClosed());
      waiters.clear();
      if (idle.length === sequences.length) allIdle.resolve();
      await allIdle.promise;
    },
  };
}
