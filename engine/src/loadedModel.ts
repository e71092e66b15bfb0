import { MillraceError } from "@millrace/protocol";
import {
  GgmlType,
  getLlama,
  type Llama,
  type LlamaContext,
  LlamaLogLevel,
  type LlamaModel,
  NoBinaryFoundError,
} from "node-llama-cpp";
import type { EngineErrorCode } from "./errors.ts";
import type { ModelInfo } from "./modelInfo.ts";

/** A prompt's tokens are evaluated in chunks of this size, together with what the other sequences decode. */
const defaultBatchTokens = 512;
/** How much of the memory that is free at start a context may take: others run on this machine too. */
const memoryShare = 0.25;
/** Drivers that offer a "GPU" by computing on the CPU, slower than llama.cpp's own CPU code. */
export const softwareGpu = /llvmpipe|lavapipe|swiftshader|software/i;

/** Weights in memory, from which contexts of different shapes can be made. */
export interface LoadedModel extends AsyncDisposable {
  readonly llama: Llama;
  readonly model: LlamaModel;
  readonly flashAttention: "auto" | boolean;
  /** Whether so many running sequences are faster each on its own than in one batch. */
  runApart(running: number): boolean;
  /** The most sequences of this context size for which there is memory; at least 1. */
  maxSequences(contextTokens: number, wanted: number): Promise<number>;
  createContext(shape: { contextTokens: number; sequences: number; threads: number }): Promise<LlamaContext>;
}

export async function loadModel(
  info: ModelInfo,
  options: {
    gpu: "auto" | false;
    flashAttention?: boolean | undefined;
    batchTokens?: number | undefined;
    signal?: AbortSignal | undefined;
  },
): Promise<LoadedModel> {
  const { gpu, batchTokens = defaultBatchTokens, signal } = options;
  await using resources = new AsyncDisposableStack();
  const llama = resources.adopt(await startLlama(gpu), (llama) => llama.dispose());
  const model = await llama.loadModel({ modelPath: info.path, ...(signal && { loadSignal: signal }) });
  resources.use(model);
  const flashAttention = options.flashAttention ?? flashAttentionFor(model, llama);
  // With Q8_0 weights on x86, llama.cpp multiplies one column by a kernel that only memory limits, and several by one
  // for matrices that starts badly: for a 115 M model 1 token takes 6 ms, 2 take 19, 3 take 22, 4 take 25, 16 take 50.
  const pairsAreDear =
    llama.gpu === false && process.arch === "x64" && model.fileInsights.dominantTensorType === GgmlType.Q8_0;
  const owned = resources.move();

  return {
    llama,
    model,
    flashAttention,
    runApart: (running) => running === 1 || (running === 2 && pairsAreDear),
    async maxSequences(contextTokens, wanted) {
      const free = llama.gpu === false ? process.availableMemory() : (await llama.getVramState()).free;
      for (let sequences = wanted; sequences > 1; sequences = Math.floor(sequences / 2)) {
        const { cpuRam, gpuVram } = await model.fileInsights.estimateContextResourceRequirementsV2({
          contextSize: contextTokens,
          sequences,
          batchSize: batchTokens,
          modelGpuLayers: model.gpuLayers,
          flashAttention,
        });
        if ((llama.gpu === false ? cpuRam : gpuVram) <= free * memoryShare) return sequences;
      }
      return 1;
    },
    createContext: ({ contextTokens, sequences, threads }) =>
      model.createContext({
        contextSize: contextTokens,
        sequences,
        threads,
        batchSize: batchTokens,
        flashAttention,
        // A smaller context than asked for would refuse requests that the model's spec promises to serve.
        failedCreationRemedy: false,
      }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function startLlama(gpu: "auto" | false): Promise<Llama> {
  const start = (gpu: "auto" | false) =>
    // No limit on threads here: each context has its own.
    getLlama({
      gpu,
      build: "never",
      logLevel: LlamaLogLevel.error,
      maxThreads: 0,
      progressLogs: false,
    }).catch((cause: unknown) => {
      if (!(cause instanceof NoBinaryFoundError)) throw cause;
      throw new MillraceError("llama.cpp's binary for this machine is not installed.", {
        code: "engine-failed" satisfies EngineErrorCode,
        details: `${process.platform}-${process.arch}`,
        hints: ["Install again with optional dependencies: npm ci --include=optional"],
        cause,
      });
    });
  const llama = await start(gpu);
  if (llama.gpu === false) return llama;
  const devices = await llama.getGpuDeviceNames();
  if (devices.some((name) => !softwareGpu.test(name))) return llama;
  await llama.dispose();
  return start(false);
}

/**
 * ggml's CPU flash attention converts half floats in vectors of up to 64 and does the rest one by one. With heads of
 * 32 all of it is "the rest": at 250 cached tokens a decode step takes 2.0 ms instead of 0.5 ms without (shipped
 * model, AVX-512). With heads of 64 or 128 flash attention wins: 3.4 ms a token instead of 5.4 ms at 16 sequences of
 * a 115 M model. The choice depends on the model alone, so that machines mostly agree
 * on it; outputs differ a little between the two.
 */
function flashAttentionFor(model: LlamaModel, llama: Llama): "auto" | false {
  if (llama.gpu !== false) return "auto";
  const { attention, embedding_length } = model.fileInfo.architectureMetadata;
  const heads = Number(attention?.head_count ?? 0);
  const headSize = Number(attention?.key_length ?? Number(embedding_length) / heads);
  return headSize % 64 === 0 || !Number.isFinite(headSize) ? "auto" : false;
}
