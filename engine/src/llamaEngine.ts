import type { Token } from "node-llama-cpp";
import { createChatRenderer } from "./chatPrompt.ts";
import { parseChatRequest } from "./chatRequest.ts";
import { createConductor } from "./conductor.ts";
import { createEmbedder } from "./embedder.ts";
import type { Engine, InferOptions } from "./engine.ts";
import { engineClosed, engineFailed, throwIfAborted } from "./errors.ts";
import { createGrammarSource } from "./jsonGrammar.ts";
import { loadModel } from "./loadedModel.ts";
import { assertModelHash, type ModelInfo, readModelInfo } from "./modelInfo.ts";
import { textOf } from "./output.ts";
import { tune } from "./probe.ts";
import { planRequest, renderPrompt, stopStringsOf } from "./requestPlan.ts";
import { fingerprintItem, type ScoreTools, scoreItem } from "./scoreItem.ts";
import { createTextReader } from "./textReader.ts";

/** Models may declare contexts of 128 thousand tokens, whose cache would take all memory for one sequence. */
const defaultMaxContextTokens = 8_192;
/** Scoring is limited by arithmetic: a few texts fill a batch as well as many. */
const scoringSequences = 8;

export interface LlamaEngineOptions {
  modelPath: string;
  /** Expected hash of the file; a different file is refused before it is loaded. */
  sha256?: `0x${string}`;
  /** Default: by a short measurement; one where fewer than four cores are free. */
  threads?: number;
  /** Requests computed at once. Default: by a short measurement among 1 to 32, bounded by memory. */
  sequences?: number;
  /** Prompt plus output of one request, never above the model's own. Default: the model's own, at most 8,192. */
  contextTokens?: number;
  /** `auto` uses a GPU if llama.cpp finds a real one. Default: `auto`. */
  gpu?: "auto" | false;
  /** Default: by what is faster for the model. */
  flashAttention?: boolean;
  /** Of prompts and of what is scored, so many tokens are evaluated together. Default: 512. */
  batchTokens?: number;
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
  throwIfAborted(options.signal);
  const info = await readModelInfo(options.modelPath);
  if (options.sha256 !== undefined) assertModelHash(info, options.sha256);
  try {
    return await startEngine(info, options);
  } catch (cause) {
    throwIfAborted(options.signal);
    throw engineFailed("loading the model", cause);
  }
}

async function startEngine(info: ModelInfo, options: LlamaEngineOptions): Promise<Engine> {
  const { signal, gpu = "auto", threads, sequences, flashAttention, batchTokens } = options;
  const trained = info.contextTokens || defaultMaxContextTokens;
  const contextTokens = Math.min(trained, options.contextTokens ?? defaultMaxContextTokens);

  await using starting = new AsyncDisposableStack();
  const loaded = starting.use(await loadModel(info, { gpu, flashAttention, batchTokens, signal }));
  const { model } = loaded;
  const renderer = createChatRenderer(model);
  const { context, ...tuning } = await tune(loaded, { contextTokens, threads, sequences, signal });
  starting.use(context);
  const grammarFor = createGrammarSource(loaded.llama);
  const conductor = createConductor({
    model,
    sequences: Array.from({ length: tuning.sequences }, () => context.getSequence()),
    runApart: loaded.runApart,
  });
  const scoring = createTextReader(async () =>
    loaded.createContext({
      contextTokens,
      sequences: await loaded.maxSequences(contextTokens, scoringSequences),
      threads: tuning.threads,
    }),
  );
  const embedder = createEmbedder(model, { contextTokens, threads: tuning.threads });
  const resources = starting.move();

  const planOf = (request: unknown, inferOptions: InferOptions) =>
    planRequest(request, { ...inferOptions, contextTokens, renderer, grammarFor });
  const scoreTools = (signal: AbortSignal | undefined): ScoreTools => ({
    model,
    plan: ({ request, ...caps }) => planOf(request, caps),
    evaluate: (tokenIds, rows) => scoring.read(tokenIds, { ...rows, signal }),
  });
  const done = { promptTokens: 0, completionTokens: 0 };
  let closing: Promise<void> | undefined;

  const engine: Engine = {
    model: info,
    contextTokens,
    flashAttention: loaded.flashAttention,
    ...tuning,
    stats: () => ({ ...done, busyMs: conductor.busyMs() }),

    countPromptTokens(request) {
      if (closing !== undefined) throw engineClosed();
      return renderPrompt(renderer, parseChatRequest(request).messages).tokenIds.length;
    },

    async infer(request, inferOptions = {}) {
      if (closing !== undefined) throw engineClosed();
      const plan = await planOf(request, inferOptions);
      const generation = await conductor.generate(plan, inferOptions.signal);
      const usage = {
        promptTokens: plan.promptTokenIds.length,
        completionTokens: generation.tokenIds.length,
      };
      done.promptTokens += usage.promptTokens;
      done.completionTokens += usage.completionTokens;
      return { ...generation, promptTokenIds: plan.promptTokenIds, usage };
    },

    async score(item, { signal } = {}) {
      if (closing !== undefined) throw engineClosed();
      return await scoreItem(item, scoreTools(signal));
    },

    async fingerprint(item, { signal } = {}) {
      if (closing !== undefined) throw engineClosed();
      return await fingerprintItem(item, scoreTools(signal));
    },

    async embed(text, embedOptions = {}) {
      if (closing !== undefined) throw engineClosed();
      return await embedder.embed(text, embedOptions);
    },

    async scoreEmbedding(item, scoreOptions = {}) {
      if (closing !== undefined) throw engineClosed();
      return await embedder.score(item, scoreOptions);
    },

    detokenize(request, { tokenIds, stopReason }) {
      if (closing !== undefined) throw engineClosed();
      const checked = parseChatRequest(request);
      const { endTexts } = renderPrompt(renderer, checked.messages);
      const ending = { stopStrings: stopStringsOf(checked), endTexts };
      return textOf({ tokenIds: tokenIds as Token[], stopReason }, ending, (ids) => model.detokenize(ids));
    },

    close() {
      closing ??= Promise.all([conductor.close(), scoring.close(), embedder.close()]).then(() =>
        resources.disposeAsync(),
      );
      return closing;
    },
    [Symbol.asyncDispose]: () => engine.close(),
  };
  return engine;
}
