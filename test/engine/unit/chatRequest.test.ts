import { parseChatRequest } from "@millrace/engine";
import { MillraceError } from "@millrace/protocol";
import { describe, expect, test } from "vitest";

const messages = [{ role: "user", content: "Hello!" }];

function refusal(body: unknown): MillraceError {
  try {
    parseChatRequest(body);
  } catch (error) {
    if (error instanceof MillraceError) return error;
    throw error;
  }
  throw new Error("was accepted");
}

describe("refuses, naming the field", () => {
  test.each<[string, unknown]>([
    ["body", null],
    ["body", [messages]],
    ["messages", {}],
    ["messages", { messages: [] }],
    ["messages", { messages: "Hello!" }],
    ["messages[1].role", { messages: [...messages, { role: "tool", content: "" }] }],
    ["messages[0].content", { messages: [{ role: "user", content: 7 }] }],
    [
      "messages[0].content",
      { messages: [{ role: "user", content: [{ type: "image_url", image_url: {} }] }] },
    ],
    ["messages[0].content", { messages: [{ role: "user", content: "\ud800" }] }],
    ["messages[0].tool_calls", { messages: [{ role: "assistant", content: "", tool_calls: [{}] }] }],
    ["max_tokens", { messages, max_tokens: 0 }],
    ["max_tokens", { messages, max_tokens: 1.5 }],
    ["max_completion_tokens", { messages, max_tokens: 5, max_completion_tokens: 6 }],
    ["temperature", { messages, temperature: -0.1 }],
    ["temperature", { messages, temperature: 0.19 }],
    ["temperature", { messages, temperature: 1.51 }],
    ["temperature", { messages, temperature: "0" }],
    ["seed", { messages, seed: 0.5 }],
    ["stop", { messages, stop: "" }],
    ["stop", { messages, stop: ["a", "\ufffd"] }],
    ["response_format", { messages, response_format: { type: "xml" } }],
    ["response_format.json_schema", { messages, response_format: { type: "json_schema" } }],
    ["tools", { messages, tools: [{ type: "function" }] }],
    ["n", { messages, n: 2 }],
    ["stream", { messages, stream: true }],
    ["top_p", { messages, top_p: 0.9 }],
    ["presence_penalty", { messages, presence_penalty: 0.1 }],
    ["frequency_penalty", { messages, frequency_penalty: -1 }],
    ["logit_bias", { messages, logit_bias: { "5": 10 } }],
    ["logprobs", { messages, logprobs: true }],
    ["modalities", { messages, modalities: ["text", "audio"] }],
    ["an_unknown_setting", { messages, an_unknown_setting: 1 }],
    ["constructor", { messages, constructor: 1 }],
  ])("%s in %j", (field, body) => {
    const error = refusal(body);
    expect(error.code).toBe("invalid-input");
    expect(error.retryable).toBe(false);
    expect(error.shortMessage.split(":")[0]).toContain(field);
  });
});

describe("accepts", () => {
  test("every field it honours", () => {
    const body = {
      messages: [{ role: "developer", content: [{ type: "text", text: "Be kind." }] }, ...messages],
      max_tokens: 5,
      max_completion_tokens: 5,
      temperature: 0,
      seed: -3,
      stop: ["a", "b"],
      response_format: { type: "json_object" },
    };
    expect(parseChatRequest(body)).toEqual(body);
  });

  test.each([0, 0.2, 1, 1.5])("a temperature of %d", (temperature) => {
    expect(parseChatRequest({ messages, temperature })).toEqual({ messages, temperature });
  });

  test("fields that do nothing, and settings at the values that do nothing", () => {
    const body = {
      ...{ model: "any", user: "me", metadata: { a: "b" }, store: true, service_tier: "auto" },
      ...{
        n: 1,
        stream: false,
        top_p: 1,
        presence_penalty: 0,
        frequency_penalty: 0,
        logit_bias: {},
        tools: [],
      },
      ...{ logprobs: false, tool_choice: "auto", stop: null, seed: null, response_format: null, audio: null },
    };
    expect(parseChatRequest({ messages, ...body })).toEqual({ messages });
  });
});
