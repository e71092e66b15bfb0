export {
  type ChatMessage,
  type ChatRequest,
  chatRequestSchema,
  parseChatRequest,
  type ResponseFormat,
} from "./chatRequest.ts";
export type {
  ChatResult,
  ClaimedEmbedding,
  EmbeddingResult,
  EmbeddingScore,
  Engine,
  EngineStats,
  InferOptions,
} from "./engine.ts";
export type { EngineErrorCode } from "./errors.ts";
export { createLlamaEngine, type LlamaEngineOptions } from "./llamaEngine.ts";
export { type ModelInfo, readModelInfo } from "./modelInfo.ts";
export { stopReasonOf } from "./output.ts";
export { ENGINE_RELEASE } from "./release.ts";
export { type ResolveModelOptions, resolveModel } from "./resolveModel.ts";
