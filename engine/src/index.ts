export {
  type ChatMessage,
  type ChatRequest,
  chatRequestSchema,
  parseChatRequest,
  type ResponseFormat,
} from "./chatRequest.ts";
export type { ChatResult, Engine, EngineStats, InferOptions } from "./engine.ts";
export type { EngineErrorCode } from "./errors.ts";
export { createLlamaEngine, type LlamaEngineOptions } from "./llamaEngine.ts";
export { type ModelInfo, readModelInfo } from "./modelInfo.ts";
export { type ResolveModelOptions, resolveModel } from "./resolveModel.ts";
