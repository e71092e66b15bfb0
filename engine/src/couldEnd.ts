import type { StopReason } from "@millrace/protocol";
import type { LlamaModel, Token } from "node-llama-cpp";
import type { GenerationPlan } from "./generate.ts";
import { collectOutput, stopReasonOf } from "./output.ts";

/**
 * Whether generating these very tokens would have ended with the last of them, for the reason claimed. A stop of the
 * model's own choice is possible behind any token; whether it was its choice, its row tells.
 */
export function couldEnd(
  { tokenIds, stopReason }: { tokenIds: readonly number[]; stopReason: StopReason },
  plan: GenerationPlan,
  model: LlamaModel,
): boolean {
  const vocabularySize = model.fileInfo.metadata.tokenizer.ggml.tokens.length;
  const accept = collectOutput(plan, (ids) => model.detokenize(ids));
  for (const [index, tokenId] of tokenIds.entries()) {
    if (!Number.isInteger(tokenId) || tokenId < 0 || tokenId >= vocabularySize) return false;
    if (isEndToken(tokenId as Token, plan, model)) return false;
    const output = accept(tokenId as Token);
    if (output) return index === tokenIds.length - 1 && stopReasonOf(output) === stopReason;
  }
  return stopReason === "stop";
}

/** Whether a token ends the model's turn. */
export function isEndToken(
  tokenId: Token,
  { endTokenIds }: Pick<GenerationPlan, "endTokenIds">,
  model: LlamaModel,
): boolean {
  return endTokenIds.has(tokenId) || model.isEogToken(tokenId);
}
