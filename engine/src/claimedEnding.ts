import type { StopReason } from "@millrace/protocol";
import type { LlamaModel, Token } from "node-llama-cpp";
import type { GenerationPlan } from "./generate.ts";
import { collectOutput, stopReasonOf } from "./output.ts";

/**
 * How generating these very tokens would have ended with the last of them, for the reason claimed.
 *
 * @returns `forced` by the cap, a stop string or an end marker of several tokens; `chosen` if the model may have ended its
 *   turn there, as it may behind any token: the row tells; `undefined` if it cannot have ended so
 */
export function endingOf(
  { tokenIds, stopReason }: { tokenIds: readonly number[]; stopReason: StopReason },
  plan: GenerationPlan,
  model: LlamaModel,
): "forced" | "chosen" | undefined {
  const vocabularySize = model.fileInfo.metadata.tokenizer.ggml.tokens.length;
  const accept = collectOutput(plan, (ids) => model.detokenize(ids));
  for (const [index, tokenId] of tokenIds.entries()) {
    if (!Number.isInteger(tokenId) || tokenId < 0 || tokenId >= vocabularySize) return undefined;
    if (isEndToken(tokenId as Token, plan, model)) return undefined;
    const output = accept(tokenId as Token);
    if (!output) continue;
    const isLast = index === tokenIds.length - 1;
    return isLast && stopReasonOf(output) === stopReason ? "forced" : undefined;
  }
  return stopReason === "stop" ? "chosen" : undefined;
}

/** Whether a token ends the model's turn. */
export function isEndToken(
  tokenId: Token,
  { endTokenIds }: Pick<GenerationPlan, "endTokenIds">,
  model: LlamaModel,
): boolean {
  return endTokenIds.has(tokenId) || model.isEogToken(tokenId);
}
