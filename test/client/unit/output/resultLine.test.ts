import { failedOutcome, type ItemResult } from "@millrace/protocol";
import { numberToHex } from "viem";
import { describe, expect, test } from "vitest";
import { formatFailure, formatResult } from "../../../../client/src/output/resultLine.ts";

const word = (n: number) => numberToHex(n, { size: 32 });
const item = { jobId: word(1), index: 4, customId: "my \u{1F600} id", model: "m", created: 1_700_000_000 };
const result: ItemResult = {
  stopReason: "stop",
  promptTokens: 5,
  promptTokensHash: word(2),
  tokenIds: [1, 2, 3],
  fingerprint: word(3),
  salt: word(4),
  text: "line\none\u2028two",
};

describe("formatResult", () => {
  test("writes a line of OpenAI's batch output", () => {
    const line = formatResult(item, word(7), result);

    expect(line).not.toContain("\n");
    expect(JSON.parse(line)).toEqual({
      id: expect.stringMatching(/^batch_req_/),
      custom_id: item.customId,
      response: {
        status_code: 200,
        request_id: word(7),
        body: {
          id: expect.stringMatching(/^chatcmpl-/),
          object: "chat.completion",
          created: item.created,
          model: "m",
          choices: [
            {
              index: 0,
              message: { role: "assistant", content: result.text, refusal: null },
              logprobs: null,
              finish_reason: "stop",
            },
          ],
          usage: { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 },
        },
      },
      error: null,
    });
  });

  test.for(["stop", "stop-string", "length"] as const)("names the end of an answer: %s", (stopReason) => {
    const { response } = JSON.parse(formatResult(item, word(7), { ...result, stopReason }));

    expect(response.body.choices[0].finish_reason).toBe(stopReason === "length" ? "length" : "stop");
  });

  test("answers a refused request with 400 and the provider's reason", () => {
    const error = { code: "invalid-input", message: "too long" };
    const line = formatResult(item, word(7), { ...failedOutcome("invalid-input", word(1)), text: "", error });

    expect(JSON.parse(line)).toMatchObject({
      response: { status_code: 400, body: { error: { code: "invalid-input", message: "too long" } } },
      error,
    });
  });

  test("has no response for a failed item, and always a reason", () => {
    const line = formatResult(item, word(7), { ...failedOutcome("error", word(1)), text: "" });

    expect(JSON.parse(line)).toMatchObject({
      response: null,
      error: { code: "error", message: expect.any(String) },
    });
  });
});

test("formatFailure has the code and no response", () => {
  const line = formatFailure(item, { code: "not-taken", message: "Nobody." });

  expect(JSON.parse(line)).toMatchObject({
    custom_id: item.customId,
    response: null,
    error: { code: "not-taken", message: "Nobody." },
  });
});
