import { readScoreRequest, scoreTokensOf } from "@millrace/protocol";
import type { ChatBody } from "./requestLine.ts";

/** Tokens that a chat template may put around each message: role, markers, line ends. */
const MESSAGE_OVERHEAD_TOKENS = 16;
/** Tokens that a chat template may add once: a start token, a short default system prompt, the answer's opening. */
const TEMPLATE_OVERHEAD_TOKENS = 48;
const DEFAULT_OUTPUT_TOKENS = 256;
/** English has about four bytes a token in common tokenisers. */
const BYTES_PER_TOKEN = 4;

/** The most tokens an item may count, and how many it probably has. */
export interface TokenCaps {
  promptTokensCap: number;
  outputTokensCap: number;
  /** Guesses, for a quote's expected cost only. */
  promptTokensExpected: number;
  outputTokensExpected: number;
}

/**
 * Caps for one request.
 *
 * No tokeniser in use makes more tokens than the text has bytes, so bytes plus what a template adds bound the prompt
 * without the model at hand; what is beyond the context fails as invalid input and costs nothing. The output's cap is
 * `max_completion_tokens` or `max_tokens`; by default 256, at most half of the context.
 *
 * @param contextTokens of the model
 */
export function capTokens(body: ChatBody, contextTokens: number): TokenCaps {
  const scoring = readScoreRequest(body);
  if (scoring) {
    const tokens = scoreTokensOf(scoring);
    return {
      ...{ promptTokensCap: tokens, promptTokensExpected: tokens },
      // Offers and lots have no room for none.
      ...{ outputTokensCap: 1, outputTokensExpected: 0 },
    };
  }
  const overhead = TEMPLATE_OVERHEAD_TOKENS + body.messages.length * MESSAGE_OVERHEAD_TOKENS;
  const textBytes = body.messages.reduce((sum, message) => sum + messageBytes(message), 0);
  const outputTokensCap =
    body.max_completion_tokens ??
    body.max_tokens ??
    Math.max(1, Math.min(DEFAULT_OUTPUT_TOKENS, Math.floor(contextTokens / 2)));
  const promptTokensCap = Math.min(textBytes + overhead, contextTokens);
  return {
    promptTokensCap,
    // More than the context holds cannot come out, so it is not escrowed either.
    outputTokensCap: Math.min(outputTokensCap, contextTokens),
    promptTokensExpected: Math.min(promptTokensCap, Math.ceil(textBytes / BYTES_PER_TOKEN) + overhead / 4),
    outputTokensExpected: Math.ceil(Math.min(outputTokensCap, contextTokens) / 2),
  };
}

function messageBytes({ content, ...rest }: ChatBody["messages"][number]): number {
  const texts =
    typeof content === "string"
      ? [content]
      : (content ?? []).map((part) => (typeof part.text === "string" ? part.text : JSON.stringify(part)));
  // Names, tool calls and the like are rendered in ways of each template's own: counted as the JSON they are.
  const others = Object.entries(rest).filter(([key]) => key !== "role");
  const otherText = others.length === 0 ? "" : JSON.stringify(Object.fromEntries(others));
  return [...texts, otherText].reduce((sum, text) => sum + utf8Bytes(text), 0);
}

/** The text's size in UTF-8, without making the bytes: batches are large. */
function utf8Bytes(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit < 0xdc00 && isLowSurrogate(text.charCodeAt(i + 1))) {
      bytes += 4;
      i++;
    } else bytes += 3;
  }
  return bytes;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}
