import type { ChatRequest, ChatResult, ClaimedItem, Engine } from "@millrace/engine";
import { stopReasonOf } from "@millrace/engine";
import { hashTokenIds, type StopReason } from "@millrace/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, openEngine } from "./fixture.ts";

const seed = `0x${"5e".repeat(32)}` as const;
const epsilon = 0.5;
const caps = { promptTokensCap: 512, outputTokensCap: 512 };
/** No honest gap on this machine comes near; every tampering that is to be caught by gaps alone exceeds it. */
const honestGap = 0.5;

const story = ask("Tell me a story about a dog.", { temperature: 1, max_tokens: 80 });
const review = ask("Is this review positive or negative? I love this book.", { temperature: 1 });
const person = {
  type: "object",
  properties: {
    name: { type: "string", maxLength: 12 },
    mood: { type: "string", enum: ["happy", "sad"] },
    brave: { type: "boolean" },
  },
  required: ["name", "mood", "brave"],
};
const json = ask("Tell me about a dog.", {
  temperature: 1,
  response_format: { type: "json_schema", json_schema: { name: "answer", strict: true, schema: person } },
});

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

function claim(
  request: ChatRequest,
  result: ChatResult,
  changes: Partial<ClaimedItem["claimed"]> = {},
): ClaimedItem {
  return {
    request,
    seed,
    ...caps,
    epsilon,
    claimed: {
      stopReason: stopReasonOf(result),
      promptTokens: result.promptTokenIds.length,
      promptTokensHash: hashTokenIds(result.promptTokenIds),
      tokenIds: result.tokenIds,
      fingerprint: result.fingerprint,
      ...changes,
    },
  };
}

async function generate(request: ChatRequest): Promise<ClaimedItem> {
  return claim(request, await engine.infer(request, { ...caps, seed }));
}

describe("honest output scores as such", () => {
  test.each<[string, ChatRequest, StopReason]>([
    ["to the cap", story, "length"],
    ["to the model's own stop", review, "stop"],
    ["greedy", { ...review, temperature: 0 }, "stop"],
    ["cold", { ...story, temperature: 0.2 }, "length"],
    ["hot", { ...story, temperature: 1.5 }, "length"],
    ["to a stop string", { ...story, stop: ["he", " a"] }, "stop-string"],
    ["of one token", { ...story, max_tokens: 1 }, "length"],
    ["JSON", json, "stop"],
    ["JSON that the cap cuts", { ...json, max_tokens: 7 }, "length"],
  ])("%s", async (_name, request, stopReason) => {
    const item = await generate(request);
    expect(item.claimed.stopReason).toBe(stopReason);
    const score = await engine.score(item);
    expect(score.mismatch).toBeUndefined();
    expect(score.maxGap).toBeLessThan(honestGap);
    expect(score.fingerprint).toBeLessThan(0.05);
    const rows = item.claimed.tokenIds.length + (stopReason === "stop" ? 1 : 0);
    if (request.response_format) expect(score.countedTokens).toBeLessThan(rows);
    else expect(score.countedTokens).toBe(rows);
    expect(score.countedTokens).toBeGreaterThan(0);
  });
});

test("a fingerprint that is made afterwards is the one that is taken on the way, but for rounding", async () => {
  const item = await generate(story);
  const remade = await engine.fingerprint({ ...item, claimed: { ...item.claimed, fingerprint: "0x" } });
  const score = await engine.score({ ...item, claimed: { ...item.claimed, fingerprint: remade } });
  expect(score.mismatch).toBeUndefined();
  // Made by the same evaluation as the score.
  expect(score.fingerprint).toBeLessThan(0.001);
});
