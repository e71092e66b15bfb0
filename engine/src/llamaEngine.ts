import { MillraceError } from "@millrace/protocol";
import { getLlama, type Llama, type LlamaContext, LlamaLogLevel, type LlamaModel } from "node-llama-cpp";
import { createChatRenderer } from "./chatPrompt.ts";
import { parseChatRequest } from "./chatRequest.ts";
import type { Engine, EngineStats } from "./engine.ts";
import { type EngineErrorCode, engineFailed, throwIfAborted } from "./errors.ts";
import { generate } from "./generate.ts";
import { createGrammarSource } from "./jsonGrammar.ts";
import { readModelInfo } from "./modelInfo.ts";
import { planRequest, renderPrompt } from "./requestPlan.ts";
import { createSequencePool } from "./sequencePool.ts";

export interface LlamaEngineOptions {
  modelPath: string;
  /** Expected hash of the file; a different file is refused before it is loaded. */
  sha256?: `0x${string}`;
  /** Default: by a short measurement; one where fewer than four cores are free. */
  threads?: number;
  /** Requests computed at once. Default: by a short measurement, bounded by memory. */
  sequences?: number;
  /** Prompt plus output of one request. Default: the model's own, at most 8,192. */
  contextTokens?: number;
  /** `auto` uses a real GPU if llama.cpp finds one. Default: `auto`. */
  gpu?: "auto" | false;
  signal?: AbortSignal;
}

/**
 * Loads a GGUF model into this process and runs chat requests on it with llama.cpp, many at once over the parallel
 * sequences of one context (continuous batching).
 *
 * @throws MillraceError `model-not-found`, `not-a-gguf`, `model-hash-mismatch`, `aborted`, or `engine-failed`
 * @example
 * await using engine = await createLlamaEngine({ modelPath: "models/tinystory-chat-2.8m-q8_0.gguf" });
 * const { text } = await engine.infer({ messages: [{ role: "user", content: "Tell me a story." }] });
 */
export async function createLlamaEngine(options: LlamaEngineOptions): Promise<Engine> {
  const { modelPath, signal } = options;
  throwIfAborted(signal);
  const info = await readModelInfo(modelPath);
  if (options.sha256 !== undefined && options.sha256 !== info.sha256) {
    throw new MillraceError("The model file is not the expected one.", {
      code: "model-hash-mismatch" satisfies EngineErrorCode,
      details: `${info.path} has sha256 ${info.sha256}, expected ${options.sha256}`,
    });
  }
  const contextTokens = options.contextTokens ?? Math.min(info.contextTokens || 4_096, 8_192);
  const sequences = options.sequences ?? 8;
  const threads = options.threads ?? 1;
  const resources = new AsyncDisposableStack();
  let model: LlamaModel;
  let context: LlamaContext;
  let llama: Llama;
  try {
    llama = await getLlama({
      gpu: false,
      build: "never",
      logLevel: LlamaLogLevel.error,
      maxThreads: threads,
    });
    resources.defer(() => llama.dispose());
    model = await llama.loadModel({ modelPath: info.path, ...(signal && { loadSignal: signal }) });
    resources.defer(() => model.dispose());
    context = await model.createContext({ contextSize: contextTokens, sequences, threads, batchSize: 512 });
    resources.defer(() => context.dispose());
  } catch (cause) {
    await resources.disposeAsync();
    throwIfAborted(signal);
    throw engineFailed("loading the model", cause);
  }

  const renderer = createChatRenderer(model);
  const grammarFor = createGrammarSource(llama);
  const pool = createSequencePool(Array.from({ length: sequences }, () => context.getSequence()));
  const stats: EngineStats = { promptTokens: 0, completionTokens: 0, busyMs: 0 };
  let running = 0;
  let busySince = 0;
  let closing: Promise<void> | undefined;

  const engine: Engine = {
    model: info,
    sequences,
    threads,
    contextTokens,
    tokensPerSecond: 0,
    stats: () => ({ ...stats, busyMs: stats.busyMs + (running > 0 ? performance.now() - busySince : 0) }),
    countPromptTokens: (request) =>
      renderPrompt(renderer, parseChatRequest(request).messages).tokenIds.length,
    async infer(request, inferOptions = {}) {
      const plan = await planRequest(request, { ...inferOptions, contextTokens, renderer, grammarFor });
      const sequence = await pool.acquire(plan.promptTokenIds, inferOptions.signal);
      if (running++ === 0) busySince = performance.now();
      try {
        const { tokenIds, ...generated } = await generate(model, sequence, plan, inferOptions.signal);
        const usage = { promptTokens: plan.promptTokenIds.length, completionTokens: tokenIds.length };
        stats.promptTokens += usage.promptTokens;
        stats.completionTokens += usage.completionTokens;
        return { ...generated, tokenIds, promptTokenIds: plan.promptTokenIds, usage };
      } catch (cause) {
        throw engineFailed("generating", cause);
      } finally {
        if (--running === 0) stats.busyMs += performance.now() - busySince;
        pool.release(sequence);
      }
    },
    close() {
      closing ??= pool.close().then(() => resources.disposeAsync());
      return closing;
    },
    [Symbol.asyncDispose]: () => engine.close(),
  };
  return engine;
}
