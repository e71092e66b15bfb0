import type { LlamaEmbeddingContext, LlamaModel } from "node-llama-cpp";
import type { ClaimedEmbedding, EmbeddingResult, EmbeddingScore, InferOptions } from "./engine.ts";
import { engineClosed, engineFailed, invalidInput, throwIfAborted } from "./errors.ts";
import { cosine, decodeVector, encodeVector } from "./vector.ts";

/**
 * A text is embedded in one batch, whose buffers grow with its square; models that are made for it take 512 to
 * 2,048 tokens.
 */
const maxEmbeddingTokens = 2_048;

/** Embeds texts one after the other, on a context that is made for the first of them. */
export interface Embedder {
  embed(text: string, options: Pick<InferOptions, "promptTokensCap" | "signal">): Promise<EmbeddingResult>;
  score(item: ClaimedEmbedding, options: { signal?: AbortSignal | undefined }): Promise<EmbeddingScore>;
  /** Refuses who comes; resolves when those who wait are done and the context is freed. */
  close(): Promise<void>;
}

export function createEmbedder(
  model: LlamaModel,
  { contextTokens, threads }: { contextTokens: number; threads: number },
): Embedder {
  const mostTokens = Math.min(contextTokens, maxEmbeddingTokens);
  let opening: Promise<LlamaEmbeddingContext> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  async function open(): Promise<LlamaEmbeddingContext> {
    try {
      return await model.createEmbeddingContext({ contextSize: mostTokens, batchSize: mostTokens, threads });
    } catch (cause) {
      throw engineFailed("making room for embeddings", cause);
    }
  }

  const embedder: Embedder = {
    async embed(text, { promptTokensCap = mostTokens - 1, signal }) {
      throwIfAborted(signal);
      if (isClosed) throw engineClosed();
      opening ??= open();
      const context = await opening;
      // What looks like a special token stays text, as in chats.
      const tokenIds = model.tokenize(text, false);
      const promptTokens = context.calculateInputLength(tokenIds);
      const most = Math.min(promptTokensCap, mostTokens - 1);
      if (promptTokens > most) throw invalidInput("input", `has ${promptTokens} tokens, the most is ${most}`);
      if (tokenIds.length === 0) throw invalidInput("input", "must not be empty");
      const turn = last.then(() => {
        throwIfAborted(signal);
        return context.getEmbeddingFor(tokenIds);
      });
      last = turn.catch(() => {});
      try {
        return { vector: encodeVector((await turn).vector), promptTokens };
      } catch (cause) {
        throw engineFailed("embedding", cause);
      }
    },

    async score({ text, promptTokensCap, claimed }, { signal }) {
      const { vector, promptTokens } = await embedder.embed(text, {
        promptTokensCap,
        ...(signal && { signal }),
      });
      if (claimed.promptTokens !== promptTokens) return { cosine: undefined, mismatch: "prompt" };
      const [ours, theirs] = [decodeVector(vector)!, decodeVector(claimed.vector)];
      if (theirs?.length !== ours.length) return { cosine: undefined, mismatch: "vector" };
      return { cosine: cosine(ours, theirs), mismatch: undefined };
    },

    async close() {
      isClosed = true;
      await last;
      await opening?.then(
        (context) => context.dispose(),
        () => {},
      );
    },
  };
  return embedder;
}
