import {
  type ChatHistoryItem,
  type ChatWrapper,
  GeneralChatWrapper,
  type LlamaModel,
  LlamaText,
  resolveChatWrapper,
  type Token,
} from "node-llama-cpp";
import type { ChatMessage } from "./chatRequest.ts";

export interface ChatPrompt {
  tokenIds: Token[];
  /** Tokens that end the model's turn, beside those the vocabulary itself marks as end of generation. */
  endTokenIds: ReadonlySet<Token>;
  /** The same for end markers that this model's vocabulary spells with several tokens. */
  endTexts: readonly string[];
}

/** Renders chat messages into the token ids a model expects. */
export interface ChatRenderer {
  /** @throws whatever the model's template throws, for example on an order of roles it does not know */
  render(messages: readonly ChatMessage[]): ChatPrompt;
}

/**
 * Uses the chat format that node-llama-cpp resolves for the model: its own wrapper where it knows the template,
 * else the GGUF's Jinja template. A model without any gets `GeneralChatWrapper`'s plain
 * `### System / ### Human / ### Assistant` blocks. No system prompt is added to what the request says, except by
 * a template that does so itself.
 *
 * The messages' text is always tokenised with special tokens off: text that looks like `<|im_end|>` stays text.
 */
export function createChatRenderer(model: LlamaModel): ChatRenderer {
  const wrapper = resolveChatWrapper(model, { warningLogs: false }) ?? new GeneralChatWrapper();
  return { render: (messages) => render(model, wrapper, messages) };
}

function render(model: LlamaModel, wrapper: ChatWrapper, messages: readonly ChatMessage[]): ChatPrompt {
  const state = wrapper.generateContextState({
    // The empty response at the end opens the turn that the model is to fill.
    chatHistory: [...messages.map(toHistoryItem), { type: "model", response: [] }],
    availableFunctions: {},
    documentFunctionParams: false,
  });
  const tokenIds = state.contextText.tokenize(model.tokenizer, "trimLeadingSpace");
  if (state.noPrefixTrigger?.type === "response") {
    // Formats with channels (Harmony) let the model choose one by a prefix; we ask for the answer itself.
    tokenIds.push(...LlamaText(state.noPrefixTrigger.inject).tokenize(model.tokenizer, "trimLeadingSpace"));
  }
  return { tokenIds, ...endMarkers(model, state.stopGenerationTriggers) };
}

function toHistoryItem({ role, content }: ChatMessage): ChatHistoryItem {
  const text = typeof content === "string" ? content : content.map((part) => part.text).join("");
  switch (role) {
    case "system":
    case "developer":
      return { type: "system", text };
    case "user":
      return { type: "user", text };
    case "assistant":
      return { type: "model", response: [text] };
  }
}

function endMarkers(model: LlamaModel, triggers: readonly LlamaText[]): Omit<ChatPrompt, "tokenIds"> {
  const endTokenIds = new Set<Token>();
  const endTexts = new Set<string>();
  const endTokenTexts = new Set<string>();
  for (const trigger of triggers) {
    const tokenIds = trigger.tokenize(model.tokenizer, "trimLeadingSpace");
    const [only] = tokenIds;
    if (only === undefined) continue;
    if (tokenIds.length > 1) {
      endTexts.add(trigger.toString());
    } else {
      endTokenIds.add(only);
      endTokenTexts.add(model.detokenize([only], true));
    }
  }
  // Wrappers list a marker both as a special token and as plain text; where the vocabulary has the token, a model
  // that merely writes those letters has not ended its turn.
  for (const text of endTokenTexts) endTexts.delete(text);
  return { endTokenIds, endTexts: [...endTexts] };
}
