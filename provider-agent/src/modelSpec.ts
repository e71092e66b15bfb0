import type { Engine } from "@millrace/engine";
import { hashText, type ModelSpec } from "@millrace/protocol";
import type { Hex } from "viem";

/** The release that engine/package.json pins. */
const RELEASE = "node-llama-cpp 3.22.1";

/**
 * What an output of this agent depends on beside the weights, in the words that are hashed into the model's spec. Two
 * providers that state the same spec promise outputs that differ by rounding only. A change of any line makes another
 * model of the same file.
 */
export function engineClassOf({ flashAttention }: Pick<Engine, "flashAttention">): string {
  return [
    "millrace.class.v1",
    `engine: ${RELEASE}`,
    `flash attention: ${flashAttention === "auto" ? "as llama.cpp chooses" : "off"}`,
    "renderer: node-llama-cpp chat wrapper resolved for the file, special tokens in content as text",
    "sampler: llama.cpp, topK 64, topP 1, minP 0, temperature of the item (default 0)",
    "seed: low 32 bits of keccak256(jobId, itemIndex, requesterSeed)",
    "grammar: JSON schema through GBNF",
    "context shift: forbidden",
    "verification: objective faults only",
  ].join("\n");
}

/** The hash of {@link engineClassOf}, as specs and receipts carry it. */
export const classHashOf = (engine: Pick<Engine, "flashAttention">): Hex => hashText(engineClassOf(engine));

/** What this agent says its model is. */
export function modelSpecOf(engine: Pick<Engine, "model" | "contextTokens" | "flashAttention">): ModelSpec {
  const { model, contextTokens } = engine;
  return {
    name: model.name,
    weightsHash: model.sha256,
    sizeBytes: BigInt(model.sizeBytes),
    quantization: model.quantization,
    contextTokens,
    chatTemplateHash: model.chatTemplateHash,
    licence: model.licence,
    classHash: classHashOf(engine),
  };
}
