import type { ChatRequest, ChatResult, Engine, InferOptions } from "@millrace/engine";
import { type ItemInput, itemSeed, MillraceError } from "@millrace/protocol";
import { type Hex, zeroHash } from "viem";
import { expect, test } from "vitest";
import { inferItem } from "../../../provider-agent/src/infer/inferItem.ts";

const jobId: Hex = `0x${"11".repeat(32)}`;
const salt: Hex = `0x${"22".repeat(32)}`;
const answer: ChatResult = {
  text: "Hi",
  tokenIds: [7, 8],
  promptTokenIds: [1, 2, 3],
  usage: { promptTokens: 3, completionTokens: 2 },
  finishReason: "stop",
  fingerprint: "0x1234",
};

const input = (request: unknown): ItemInput => ({
  request: typeof request === "string" ? request : JSON.stringify(request),
  promptTokensCap: 10,
  outputTokensCap: 20,
  samplerHash: zeroHash,
  requesterSeed: zeroHash,
  salt: zeroHash,
});

/** Only what inferItem asks of an engine; the real one runs in test/integration/agent. */
function engineThat(infer: (request: ChatRequest, options?: InferOptions) => Promise<ChatResult>) {
  const calls: { request: ChatRequest; options: InferOptions | undefined }[] = [];
  const engine = {
    infer(request: ChatRequest, options?: InferOptions) {
      calls.push({ request, options });
      return infer(request, options);
    },
  } as Engine;
  return { engine, calls };
}

const run = (engine: Engine, request: unknown, signal = new AbortController().signal) =>
  inferItem(engine, { jobId, itemIndex: 5, input: input(request), salt, signal });

const request = { messages: [{ role: "user", content: "Hello" }] };

test("the request as it is, with the item's caps and its seed", async () => {
  const { engine, calls } = engineThat(async () => answer);
  const seeded = { ...request, temperature: 0.7, seed: 99 };
  await run(engine, request);
  await run(engine, seeded);
  expect(calls.map(({ request }) => request)).toEqual([request, seeded]);
  const seed = itemSeed(jobId, 5, zeroHash);
  for (const { options } of calls)
    expect(options).toMatchObject({ promptTokensCap: 10, outputTokensCap: 20, seed });
});

test.each([
  ["stop", { finishReason: "stop" }],
  ["length", { finishReason: "length" }],
  ["stop-string", { finishReason: "stop", stopString: "." }],
] as const)("an answer that ended by %s says so", async (stopReason, ending) => {
  const { engine } = engineThat(async () => ({ ...answer, ...ending }));
  expect(await run(engine, request)).toMatchObject({
    stopReason,
    text: "Hi",
    tokenIds: [7, 8],
    promptTokens: 3,
    fingerprint: "0x1234",
    salt,
  });
});

test.each(["", "7", "null", "[]", "{", '"text"'])("a request %j: invalid-input", async (text) => {
  const { engine, calls } = engineThat(async () => answer);
  expect(await run(engine, text)).toMatchObject({
    stopReason: "invalid-input",
    tokenIds: [],
    promptTokens: 0,
  });
  expect(calls).toEqual([]);
});

test("a request that the engine refuses: invalid-input, tried once", async () => {
  const { engine, calls } = engineThat(async () => {
    throw new MillraceError("messages: missing", { code: "invalid-input" });
  });
  expect(await run(engine, request)).toMatchObject({
    stopReason: "invalid-input",
    error: { code: "invalid-input", message: "messages: missing" },
  });
  expect(calls).toHaveLength(1);
});

test("an engine that fails once is asked again; twice: error", async () => {
  let failures = 1;
  const { engine, calls } = engineThat(async () => {
    if (failures-- > 0)
      throw new MillraceError("The engine failed.", { code: "engine-failed", retryable: true });
    return answer;
  });
  expect(await run(engine, request)).toMatchObject({ stopReason: "stop" });
  failures = 2;
  expect(await run(engine, request)).toMatchObject({
    stopReason: "error",
    tokenIds: [],
    error: { code: "engine-failed" },
  });
  expect(calls).toHaveLength(4);
});

test("closing is no outcome: aborted and engine-closed are thrown", async () => {
  const abort = new AbortController();
  const { engine } = engineThat(async () => {
    abort.abort(new Error("closing"));
    throw new MillraceError("Aborted.", { code: "aborted" });
  });
  await expect(run(engine, request, abort.signal)).rejects.toThrow("closing");
  const closed = engineThat(async () => {
    throw new MillraceError("The engine is closed.", { code: "engine-closed", retryable: true });
  });
  await expect(run(closed.engine, request)).rejects.toMatchObject({ code: "engine-closed" });
});
