import type { ChatRequest, ChatResult, Engine } from "@millrace/engine";
import { stopReasonOf } from "@millrace/engine";
import {
  CLAMP_GAP,
  type ClaimedItem,
  hashTokenIds,
  type ItemScore,
  MillraceError,
  type StopReason,
} from "@millrace/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, contextTokens, endless, expectCode, openEngine } from "./fixture.ts";

const seed = `0x${"5e".repeat(32)}` as const;
const epsilon = 0.5;
const caps = { promptTokensCap: 512, outputTokensCap: 512 };
/** No honest gap on this machine comes near; every tampering that is to be caught by gaps alone exceeds it. */
const honestGap = 0.5;

const story = ask("Tell me a story about a dog.", { temperature: 1, max_tokens: 80 });
const review = ask("Is this review positive or negative? I love this book.", { temperature: 1 });
/** Asks for a person; some of the person's properties may be given. */
function underSchema(properties: Record<string, unknown>): ChatRequest {
  const schema = {
    type: "object",
    properties: {
      name: { type: "string", maxLength: 12 },
      mood: { type: "string", enum: ["happy", "sad"] },
      brave: { type: "boolean" },
      ...properties,
    },
  };
  return ask("Tell me about a dog.", {
    temperature: 1,
    response_format: { type: "json_schema", json_schema: { name: "answer", strict: true, schema } },
  });
}
const json = underSchema({});
/** `<|im_end|>` of the shipped model, whose ids end with 2,047. */
const endOfTurn = 2_047;

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

test("an engine with other settings finds it honest too", async () => {
  await using other = await openEngine({ sequences: 1, batchTokens: 16, flashAttention: true });
  expect(other.flashAttention).toBe(true);
  for (const request of [story, review, json]) {
    const { mismatch, gapSum, countedTokens, fingerprint } = await other.score(await generate(request));
    expect(mismatch).toBeUndefined();
    expect(gapSum / countedTokens).toBeLessThan(0.05);
    expect(fingerprint).toBeLessThan(0.2);
  }
});

test("an output that fills the context to its last token", async () => {
  const request = ask("Tell me a story.", { temperature: 1, ...endless });
  const item = await generate({
    ...request,
    max_tokens: contextTokens - engine.countPromptTokens(request),
  });
  expect(item.claimed.stopReason).toBe("length");
  const { mismatch, maxGap } = await engine.score(item);
  expect(mismatch).toBeUndefined();
  expect(maxGap).toBeLessThan(honestGap);
});

test("a fingerprint that is made afterwards is the one that is taken on the way, but for rounding", async () => {
  const item = await generate(story);
  const remade = await engine.fingerprint({ ...item, claimed: { ...item.claimed, fingerprint: "0x" } });
  const score = await engine.score({ ...item, claimed: { ...item.claimed, fingerprint: remade } });
  expect(score.mismatch).toBeUndefined();
  // Made by the same evaluation as the score.
  expect(score.fingerprint).toBeLessThan(0.001);
});

describe("what gaps show", () => {
  test("another seed", async () => {
    const item = await generate(story);
    const { gapSum, countedTokens, mismatch } = await engine.score({ ...item, seed: `0x${"5f".repeat(32)}` });
    expect(mismatch).toBeUndefined();
    expect(gapSum / countedTokens).toBeGreaterThan(0.1);
  });

  test("another temperature", async () => {
    const item = await generate({ ...story, temperature: 1.3 });
    const { gapSum, countedTokens } = await engine.score({
      ...item,
      request: { ...story, temperature: 0.7 },
    });
    expect(gapSum / countedTokens).toBeGreaterThan(0.01);
  });

  test("one token edited", async () => {
    const item = await generate(story);
    const tokenIds = item.claimed.tokenIds.with(40, item.claimed.tokenIds[40]! === 500 ? 501 : 500);
    expect((await engine.score(edited(item, { tokenIds }))).maxGap).toBeGreaterThan(2);
  });

  test("an output cut short that claims a stop", async () => {
    const item = await generate(story);
    const tokenIds = item.claimed.tokenIds.slice(0, 21);
    const score = await engine.score(edited(item, { tokenIds, stopReason: "stop" }));
    expect(score.maxGap).toBeGreaterThan(2);
  });

  test("a token that is no candidate counts for the most there is, and not more", async () => {
    const item = await generate({ ...story, temperature: 0.2 });
    const worst = [];
    for (const tokenId of [30, 600, 1_200, 1_800]) {
      const score = await engine.score(edited(item, { tokenIds: item.claimed.tokenIds.with(5, tokenId) }));
      worst.push(score.maxGap);
    }
    expect(Math.max(...worst)).toBe(CLAMP_GAP);
  });

  test("under a grammar, a legal token that was not to be taken", async () => {
    const item = await generate(json);
    const { mood } = JSON.parse(engine.detokenize(json, item.claimed));
    const other = await generate(underSchema({ mood: { const: mood === "sad" ? "happy" : "sad" } }));
    const { tokenIds } = other.claimed;
    const { mismatch, maxGap } = await engine.score(edited(item, { tokenIds }));
    expect(mismatch).toBeUndefined();
    expect(maxGap).toBeGreaterThan(honestGap);
  });

  test("a fingerprint of another output", async () => {
    const [item, other] = [
      await generate(story),
      await generate(ask("Tell me a story about a cat.", { temperature: 1, max_tokens: 80 })),
    ];
    const { fingerprint } = other.claimed;
    expect((await engine.score(edited(item, { fingerprint }))).fingerprint).toBeGreaterThan(0.5);
  });
});

describe("what no rounding explains", () => {
  const mismatchOf = async (item: ClaimedItem) => (await engine.score(item)).mismatch;

  test("another prompt, or another number of its tokens", async () => {
    const item = await generate(review);
    const { promptTokens } = item.claimed;
    expect(await mismatchOf(edited(item, { promptTokens: promptTokens + 1 }))).toBe("prompt");
    expect(await mismatchOf(edited(item, { promptTokensHash: hashTokenIds([1]) }))).toBe("prompt");
  });

  test("a length that is not the cap", async () => {
    const item = await generate(story);
    const { tokenIds } = item.claimed;
    expect(await mismatchOf(edited(item, { tokenIds: tokenIds.slice(0, -1) }))).toBe("stop");
    expect(await mismatchOf(edited(item, { tokenIds: [...tokenIds, 5] }))).toBe("stop");
    expect(await mismatchOf(edited(item, { tokenIds: [] }))).toBe("stop");
    expect(await mismatchOf({ ...item, outputTokensCap: 40 })).toBe("stop");
    expect(await mismatchOf(edited(item, { stopReason: "stop" }))).toBe("stop");
  });

  test("a stop string that is not there, earlier, or not asked for", async () => {
    const request = { ...story, stop: " dog" };
    const item = await generate(request);
    expect(item.claimed.stopReason).toBe("stop-string");
    const { tokenIds } = item.claimed;
    expect(await mismatchOf(item)).toBeUndefined();
    expect(await mismatchOf(edited(item, { tokenIds: tokenIds.slice(0, -1) }))).toBe("stop");
    expect(await mismatchOf(edited(item, { tokenIds: [...tokenIds, 5] }))).toBe("stop");
    expect(await mismatchOf(edited(item, { stopReason: "stop" }))).toBe("stop");
    expect(await mismatchOf({ ...item, request: story })).toBe("stop");
  });

  test("tokens that end the turn, or are none", async () => {
    const item = await generate(review);
    for (const tokenId of [endOfTurn, 2_048, -1, 1.5]) {
      const tokenIds = [...item.claimed.tokenIds, tokenId];
      expect(await mismatchOf(edited(item, { tokenIds }))).toBe("stop");
    }
  });

  test("an output that breaks its grammar, or ends before it may", async () => {
    const item = await generate(json);
    const plain = (await engine.infer({ ...story, max_tokens: 12 }, { ...caps, seed })).tokenIds;
    expect(await mismatchOf(edited(item, { tokenIds: plain }))).toBe("grammar");
    expect(await mismatchOf(edited(item, { tokenIds: item.claimed.tokenIds.slice(0, -1) }))).toBe("grammar");
  });

  test("a fingerprint with other rows, or none", async () => {
    const item = await generate(story);
    const short = await generate({ ...story, max_tokens: 1 });
    const noHex = `0x${"zz".repeat(192)}` as const;
    for (const fingerprint of ["0x", "0x00", noHex, short.claimed.fingerprint] as const)
      expect(await mismatchOf(edited(item, { fingerprint }))).toBe("fingerprint");
  });

  test("a fine request called invalid, and an invalid one answered", async () => {
    const item = await generate(review);
    const invalid = { stopReason: "invalid-input", tokenIds: [], fingerprint: "0x" } as const;
    expect(await mismatchOf(edited(item, invalid))).toBe("validity");
    for (const request of [null, "text", [], { ...review, temperature: 0.1 }, { ...review, tools: [{}] }]) {
      expect(await mismatchOf({ ...item, request })).toBe("validity");
      expect(await mismatchOf(edited({ ...item, request }, invalid))).toBeUndefined();
    }
    const tight = { ...item, promptTokensCap: item.claimed.promptTokens - 1 };
    expect(await mismatchOf(tight)).toBe("validity");
    expect(await mismatchOf(edited(tight, invalid))).toBeUndefined();
  });

  test("of a machine that failed there is nothing to say", async () => {
    const item = edited(await generate(review), { stopReason: "error", tokenIds: [], fingerprint: "0x" });
    expect(await engine.score(item)).toEqual({
      countedTokens: 0,
      gapSum: 0,
      maxGap: 0,
      fingerprint: undefined,
      mismatch: undefined,
    });
  });
});

describe("beside other work", () => {
  test("scores and outputs are what they are alone", async () => {
    const animals = ["dog", "cat", "frog", "bird", "bear", "fish", "duck", "fox", "cow", "pig"];
    const requests = animals.map((animal) =>
      ask(`Tell me a story about a ${animal}.`, { temperature: 1, max_tokens: 40 }),
    );
    const items = await Promise.all(requests.map(generate));
    const alone: ItemScore[] = [];
    for (const item of items) alone.push(await engine.score(item));
    const [again, scores] = await Promise.all([
      Promise.all(requests.map(generate)),
      Promise.all(items.map((item) => engine.score(item))),
    ]);
    expect(again.map(({ claimed }) => claimed)).toEqual(items.map(({ claimed }) => claimed));
    expect(scores.map(({ maxGap, mismatch }) => [maxGap < honestGap, mismatch])).toEqual(
      alone.map(() => [true, undefined]),
    );
  });

  test("waiting scores can be aborted, running ones end before the engine closes", async () => {
    const own = await openEngine();
    const item = await generate(story);
    const signal = AbortSignal.abort();
    await expectCode(own.score(item, { signal }), "aborted");
    const running = own.score(item);
    const controller = new AbortController();
    const many = Array.from({ length: 20 }, () => own.score(item, { signal: controller.signal }));
    controller.abort();
    const ends = await Promise.allSettled(many);
    expect(ends.some(({ status }) => status === "rejected")).toBe(true);
    expect((await running).mismatch).toBeUndefined();
    await own.close();
    await expectCode(own.score(item), "engine-closed");
  });
});

describe("detokenize gives the text that was delivered", () => {
  test.each<[string, ChatRequest]>([
    ["a stop", review],
    ["the cap", story],
    ["a stop string", { ...story, stop: [" dog", "e"] }],
    ["a cap within a character", ask("Repeat: 🦙🦙🦙", { temperature: 0, max_tokens: 5 })],
  ])("ended by %s", async (_name, request) => {
    const result = await engine.infer(request, { seed });
    const { tokenIds } = result;
    expect(engine.detokenize(request, { tokenIds, stopReason: stopReasonOf(result) })).toBe(result.text);
  });

  test("an invalid request has none", () => {
    expect(() => engine.detokenize({}, { tokenIds: [1], stopReason: "stop" })).toThrow(MillraceError);
  });
});

function edited(item: ClaimedItem, changes: Partial<ClaimedItem["claimed"]>): ClaimedItem {
  return { ...item, claimed: { ...item.claimed, ...changes } };
}
