import type { ChatPrompt, ChatRenderer } from "./chatPrompt.ts";
import type { ChatMessage, ChatRequest } from "./chatRequest.ts";
import { parseChatRequest } from "./chatRequest.ts";
import type { InferOptions } from "./engine.ts";
import { invalidInput } from "./errors.ts";
import type { GenerationPlan } from "./generate.ts";
import type { GrammarSource } from "./jsonGrammar.ts";
import { samplerSeed, seedFromPrompt } from "./seed.ts";

export interface PlanOptions extends InferOptions {
  contextTokens: number;
  renderer: ChatRenderer;
  grammarFor: GrammarSource;
}

/**
 * Turns a request of unknown origin into what generating needs, or says what is wrong with it.
 *
 * @throws MillraceError `invalid-input`
 */
export async function planRequest(request: unknown, options: PlanOptions): Promise<GenerationPlan> {
  const { contextTokens, renderer, grammarFor } = options;
  const checked = parseChatRequest(request);
  const prompt = renderPrompt(renderer, checked.messages);
  const promptTokens = prompt.tokenIds.length;
  if (options.promptTokensCap !== undefined && promptTokens > options.promptTokensCap) {
    throw invalidInput(
      "messages",
      `the prompt has ${promptTokens} tokens, the cap is ${options.promptTokensCap}`,
    );
  }
  const left = contextTokens - promptTokens;
  if (left < 1) {
    throw invalidInput(
      "messages",
      `the prompt has ${promptTokens} tokens, the context holds ${contextTokens}`,
      ["Shorten the messages, or use a model with a longer context."],
    );
  }
  const requested = checked.max_completion_tokens ?? checked.max_tokens;
  const maxTokens = Math.min(requested ?? left, options.outputTokensCap ?? Infinity);
  if (requested !== undefined && maxTokens > left) {
    throw invalidInput(
      "max_tokens",
      `${promptTokens} prompt tokens and ${maxTokens} more exceed the context of ${contextTokens}`,
      [`Ask for at most ${left} tokens.`],
    );
  }
  return {
    promptTokenIds: prompt.tokenIds,
    endTokenIds: prompt.endTokenIds,
    endTexts: prompt.endTexts,
    maxTokens: Math.min(maxTokens, left),
    temperature: checked.temperature ?? 1,
    seed:
      options.seed ??
      (checked.seed === undefined ? seedFromPrompt(prompt.tokenIds) : samplerSeed(checked.seed)),
    stopStrings: stopStringsOf(checked),
    grammar: await grammarFor(checked.response_format),
  };
}

export function stopStringsOf({ stop }: Pick<ChatRequest, "stop">): readonly string[] {
  return typeof stop === "string" ? [stop] : (stop ?? []);
}

export function renderPrompt(renderer: ChatRenderer, messages: readonly ChatMessage[]): ChatPrompt {
  let prompt: ChatPrompt;
  try {
    prompt = renderer.render(messages);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw invalidInput("messages", `the model's chat template refuses them (${problem})`);
  }
  if (prompt.tokenIds.length === 0) throw invalidInput("messages", "render to an empty prompt");
  return prompt;
}
