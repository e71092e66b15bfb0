import { type ChatRequest, type ChatResult, type Engine, stopReasonOf } from "@millrace/engine";
import {
  encodeScore,
  failedOutcome,
  hashTokenIds,
  type ItemInput,
  type ItemResult,
  itemSeed,
  MillraceError,
  readScoreRequest,
  scoreOutcome,
  scoreTokensOf,
} from "@millrace/protocol";
import type { Hex } from "viem";

/**
 * Runs one item. What the request is to blame for becomes a result with stop reason `invalid-input`; a failure of ours
 * is tried once more and then becomes `error`.
 *
 * @param salt of the receipt
 * @throws only if `signal` aborts or the engine closes
 */
export async function inferItem(
  engine: Engine,
  {
    jobId,
    itemIndex,
    input,
    salt,
    signal,
  }: { jobId: Hex; itemIndex: number; input: ItemInput; salt: Hex; signal: AbortSignal },
): Promise<ItemResult> {
  let request: ChatRequest;
  try {
    request = parseRequest(input);
  } catch (error) {
    return failed("invalid-input", salt, "The request is not a JSON object.", error);
  }
  const { promptTokensCap, outputTokensCap } = input;
  const scored = await scoreIfAsked(engine, request, { promptTokensCap, salt, signal });
  if (scored) return scored;
  const seed = itemSeed(jobId, itemIndex, input.requesterSeed);
  for (let attempt = 1; ; attempt++) {
    try {
      const result = await engine.infer(request, { promptTokensCap, outputTokensCap, seed, signal });
      return succeeded(result, salt);
    } catch (error) {
      signal.throwIfAborted();
      const { code, shortMessage } = problemOf(error);
      if (code === "invalid-input") return failed("invalid-input", salt, shortMessage);
      if (code === "engine-closed" || code === "aborted") throw error;
      if (attempt === 2) return failed("error", salt, shortMessage, error);
    }
  }
}

/** Scores what somebody else computed, if that is what the request asks for. */
async function scoreIfAsked(
  engine: Engine,
  body: unknown,
  { promptTokensCap, salt, signal }: { promptTokensCap: number; salt: Hex; signal: AbortSignal },
): Promise<ItemResult | undefined> {
  try {
    const asked = readScoreRequest(body);
    if (!asked) return undefined;
    if (scoreTokensOf(asked) > promptTokensCap) {
      return failed("invalid-input", salt, "What is to be scored is longer than the cap.");
    }
    const score = await engine.score(asked, { signal });
    return { ...scoreOutcome(asked, salt), text: encodeScore(score) };
  } catch (error) {
    signal.throwIfAborted();
    const { code, shortMessage } = problemOf(error);
    if (code === "engine-closed" || code === "aborted") throw error;
    if (code === "invalid-input") return failed("invalid-input", salt, shortMessage);
    return failed("error", salt, shortMessage, error);
  }
}

function parseRequest(input: ItemInput): ChatRequest {
  const body: unknown = JSON.parse(input.request);
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw new TypeError("not an object");
  // The engine checks the rest.
  return body as ChatRequest;
}

function succeeded(result: ChatResult, salt: Hex): ItemResult {
  return {
    stopReason: stopReasonOf(result),
    promptTokens: result.promptTokenIds.length,
    promptTokensHash: hashTokenIds(result.promptTokenIds),
    tokenIds: result.tokenIds,
    fingerprint: result.fingerprint,
    salt,
    text: result.text,
  };
}

function failed(
  stopReason: "error" | "invalid-input",
  salt: Hex,
  message: string,
  cause?: unknown,
): ItemResult {
  const code = stopReason === "error" ? problemOf(cause).code : stopReason;
  return { ...failedOutcome(stopReason, salt), text: "", error: { code, message } };
}

function problemOf(error: unknown): { code: string; shortMessage: string } {
  if (error instanceof MillraceError) return error;
  return { code: "engine-failed", shortMessage: error instanceof Error ? error.message : String(error) };
}
