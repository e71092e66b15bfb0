import type { ModelInfo } from "@millrace/engine";
import { hashText, type ModelSpec } from "@millrace/protocol";

/**
 * What an output of this agent depends on beside the weights, in the words that are hashed into the model's spec. Two
 * providers that state the same spec promise outputs that differ by rounding only. A change of any line makes another
 * model of the same file.
 */
export const ENGINE_CLASS = [
  "millrace.class.v1",
  "engine: node-llama-cpp 3",
  "renderer: node-llama-cpp chat wrapper resolved for the file, special tokens in content as text",
  "sampler: llama.cpp, topK 64, topP 1, minP 0, temperature of the item (default 0)",
  "seed: low 32 bits of keccak256(jobId, itemIndex, requesterSeed)",
  "grammar: JSON schema through GBNF",
  "context shift: forbidden",
  "verification: objective faults only",
].join("\n");

/** The hash of {@link ENGINE_CLASS}, as specs and receipts carry it. */
export const ENGINE_CLASS_HASH = hashText(ENGINE_CLASS);

/**
 * What this agent says its model is.
 *
 * @param contextTokens of one request, as the engine really grants it
 */
export function modelSpecOf(model: ModelInfo, contextTokens: number): ModelSpec {
  return {
    name: model.name,
    weightsHash: model.sha256,
    sizeBytes: BigInt(model.sizeBytes),
    quantization: model.quantization,
    contextTokens,
    chatTemplateHash: model.chatTemplateHash,
    licence: model.licence,
    classHash: ENGINE_CLASS_HASH,
  };
}
