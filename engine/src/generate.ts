import type { LlamaContextSequence, LlamaGrammar, LlamaModel, Token } from "node-llama-cpp";
import { LlamaGrammarEvaluationState } from "node-llama-cpp";
import { throwIfAborted } from "./errors.ts";
import { watchForStops } from "./stopStrings.ts";

/** One request, checked and rendered: all that generating depends on. */
export interface GenerationPlan {
  promptTokenIds: Token[];
  maxTokens: number;
  temperature: number;
  seed: number;
  stopStrings: readonly string[];
  endTokenIds: ReadonlySet<Token>;
  endTexts: readonly string[];
  grammar: LlamaGrammar | undefined;
}

export interface Generation {
  text: string;
  tokenIds: Token[];
  finishReason: "stop" | "length";
  stopString?: string;
}

/** The candidates sampling draws from. Neither topP nor minP: they make verification of the output ambiguous. */
const sampling = { topK: 64, topP: 1, minP: 0 } as const;

/**
 * Generates on a sequence, reusing whatever prefix of the prompt its state already holds.
 * The caller guarantees that prompt and output fit the context, so that it is never shifted.
 */
export async function generate(
  model: LlamaModel,
  sequence: LlamaContextSequence,
  plan: GenerationPlan,
  signal: AbortSignal | undefined,
): Promise<Generation> {
  throwIfAborted(signal);
  const detokenize = (tokenIds: readonly Token[]) => model.detokenize(tokenIds);
  const stops = watchForStops([...plan.stopStrings, ...plan.endTexts], detokenize);
  const tokenIds: Token[] = [];

  for await (const tokenId of sequence.evaluate(await reusePrefix(sequence, plan.promptTokenIds), {
    ...sampling,
    temperature: plan.temperature,
    seed: plan.seed,
    ...(plan.grammar && {
      grammarEvaluationState: new LlamaGrammarEvaluationState({ model, grammar: plan.grammar }),
    }),
  })) {
    throwIfAborted(signal);
    if (plan.endTokenIds.has(tokenId)) return { text: detokenize(tokenIds), tokenIds, finishReason: "stop" };
    tokenIds.push(tokenId);
    const match = stops.completedBy(tokenIds);
    if (match)
      return { text: match.text, tokenIds, finishReason: "stop", ...requestedStop(plan, match.stopString) };
    if (tokenIds.length >= plan.maxTokens)
      return { text: dropHalfCharacter(detokenize(tokenIds)), tokenIds, finishReason: "length" };
  }
  return { text: detokenize(tokenIds), tokenIds, finishReason: "stop" };
}

function requestedStop(plan: GenerationPlan, stopString: string): { stopString?: string } {
  return plan.stopStrings.includes(stopString) ? { stopString } : {};
}

/** A cap may fall between the bytes of a character; of the up to three that are there the detokeniser makes U+FFFD. */
function dropHalfCharacter(text: string): string {
  return text.replace(/\uFFFD{1,3}$/, "");
}

/** Drops what differs from the sequence's state and returns the tokens still to be evaluated: at least the last one. */
async function reusePrefix(sequence: LlamaContextSequence, promptTokenIds: Token[]): Promise<Token[]> {
  // No shifting: moved cells would not have the values that a fresh evaluation gives.
  await sequence.adaptStateToTokens(promptTokenIds.slice(0, -1), false);
  return promptTokenIds.slice(sequence.nextTokenIndex);
}

export function commonPrefixLength(sequence: LlamaContextSequence, tokenIds: readonly Token[]): number {
  return Math.min(sequence.compareContextTokens(tokenIds as Token[]).firstDifferentIndex, tokenIds.length);
}
