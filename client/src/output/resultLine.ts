import { type ItemResult, isFailure } from "@millrace/protocol";
import type { Hex } from "viem";

/** Why an item has no answer. */
export interface ItemFailure {
  code: string;
  message: string;
}

interface ItemContext {
  jobId: Hex;
  /** The item's index in its job. */
  index: number;
  customId: string;
  model: string;
  /** Unix seconds; the job's opening, as the model's clock stands there too. */
  created: number;
}

/**
 * An item's line of the output file, as OpenAI's batch output has it. What failed has `error` set; a request that the
 * model refuses has also a response with status 400, whose body says why.
 *
 * @see https://platform.openai.com/docs/api-reference/batch/request-output
 */
export function formatResult(item: ItemContext, lotId: Hex, result: ItemResult): string {
  if (isFailure(result.stopReason)) {
    const failure = result.error ?? { code: result.stopReason, message: "The provider gave no reason." };
    if (result.stopReason === "error") return formatFailure(item, failure);
    const body = {
      error: { message: failure.message, type: "invalid_request_error", param: null, code: failure.code },
    };
    return formatLine(item, { status_code: 400, request_id: lotId, body }, failure);
  }
  const completionTokens = result.tokenIds.length;
  const body = {
    id: `chatcmpl-${item.jobId.slice(2, 18)}-${item.index}`,
    object: "chat.completion",
    created: item.created,
    model: item.model,
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: result.text, refusal: null },
        logprobs: null,
        finish_reason: result.stopReason === "length" ? "length" : "stop",
      },
    ],
    usage: {
      prompt_tokens: result.promptTokens,
      completion_tokens: completionTokens,
      total_tokens: result.promptTokens + completionTokens,
    },
  };
  return formatLine(item, { status_code: 200, request_id: lotId, body }, null);
}

/** The line of an item that has no response at all. */
export function formatFailure(item: ItemContext, { code, message }: ItemFailure): string {
  return formatLine(item, null, { code, message });
}

function formatLine(item: ItemContext, response: object | null, error: ItemFailure | null): string {
  const id = `batch_req_${item.jobId.slice(2, 18)}_${item.index}`;
  return JSON.stringify({ id, custom_id: item.customId, response, error });
}
