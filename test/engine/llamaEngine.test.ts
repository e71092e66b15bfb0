import type { Engine } from "@millrace/engine";
import { decodeFingerprint, fingerprintRows, hashTokenIds } from "@millrace/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, contextTokens, endless, expectCode, modelSha256, openEngine } from "./fixture.ts";

const story = ask("Tell me a story about a dog.", { max_tokens: 60 });
const animals = ["dog", "cat", "frog", "bird", "bear", "fish"];
const stories = animals.map((animal) => ask(`Tell me a story about a ${animal}.`, { max_tokens: 60 }));

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

describe("default", () => {
  test("answers in the model's words until the model ends its turn", async () => {
    const result = await engine.infer(ask("Is this review positive or negative? I love this book."));
    expect(result.text).toBe("positive");
    expect(result.finishReason).toBe("stop");
    expect(result.usage).toEqual({
      promptTokens: result.promptTokenIds.length,
      completionTokens: result.tokenIds.length,
    });
  });

  test("tells the model it runs", () => {
    expect(engine.model).toMatchObject({ sha256: modelSha256, contextTokens, quantization: "Q8_0" });
    expect(engine).toMatchObject({ sequences: 4, threads: 1, contextTokens });
    expect(engine.tokensPerSecond).toBeGreaterThan(0);
  });

  test("adds nothing to the messages: one user message renders to its ChatML alone", async () => {
    const withSystem = ask("Hello!");
    withSystem.messages.unshift({ role: "system", content: "Be kind." });
    expect(engine.countPromptTokens(ask("Hello!"))).toBeLessThan(engine.countPromptTokens(withSystem));
    expect((await engine.infer(ask("Hello!", { max_tokens: 1 }))).promptTokenIds).toHaveLength(
      engine.countPromptTokens(ask("Hello!")),
    );
  });

  test("takes content given in parts as the text they make", () => {
    const parts = ask("");
    parts.messages = [
      {
        role: "user",
        content: [
          { type: "text", text: "Hel" },
          { type: "text", text: "lo!" },
        ],
      },
    ];
    expect(engine.countPromptTokens(parts)).toBe(engine.countPromptTokens(ask("Hello!")));
  });

  test("counts its work", async () => {
    const before = engine.stats();
    const { usage } = await engine.infer(story);
    const after = engine.stats();
    expect(after.promptTokens - before.promptTokens).toBe(usage.promptTokens);
    expect(after.completionTokens - before.completionTokens).toBe(usage.completionTokens);
    expect(after.busyMs).toBeGreaterThan(before.busyMs);
  });
});

describe("determinism", () => {
  test("greedy output is the same alone, in any company, and on more sequences", async () => {
    const alone = [];
    for (const request of stories) alone.push((await engine.infer(request)).tokenIds);
    const together = await Promise.all(stories.map((request) => engine.infer(request)));
    expect(together.map(({ tokenIds }) => tokenIds)).toEqual(alone);

    await using wide = await openEngine({ sequences: 12 });
    const twice = await Promise.all([...stories, ...stories].map((request) => wide.infer(request)));
    expect(twice.map(({ tokenIds }) => tokenIds)).toEqual([...alone, ...alone]);
  });

  test("a seed decides what is sampled, whoever else is running", async () => {
    const seeded = (seed: number) => ({ ...story, temperature: 1, seed });
    const [first, other, again] = await Promise.all([1, 2, 1].map((seed) => engine.infer(seeded(seed))));
    expect(again!.tokenIds).toEqual(first!.tokenIds);
    expect(other!.tokenIds).not.toEqual(first!.tokenIds);
  });

  test("without a seed the request itself is the seed, not the clock", async () => {
    const free = { ...story, temperature: 1 };
    const [first, second] = await Promise.all([engine.infer(free), engine.infer(free)]);
    expect(second!.tokenIds).toEqual(first!.tokenIds);
    await using elsewhere = await openEngine({ sequences: 1 });
    expect((await elsewhere.infer(free)).tokenIds).toEqual(first!.tokenIds);
  });

  test.each([-1, 2 ** 32 - 1, 2 ** 40])("seed %d is honoured", async (seed) => {
    const request = { ...story, temperature: 1, seed, max_tokens: 20 };
    expect((await engine.infer(request)).tokenIds).toEqual((await engine.infer(request)).tokenIds);
  });

  test("the caller's seed stands above the request's", async () => {
    const request = { ...story, temperature: 1 };
    const [first, again, other] = await Promise.all([
      engine.infer({ ...request, seed: 1 }, { seed: `0x${"11".repeat(32)}` }),
      engine.infer({ ...request, seed: 2 }, { seed: `0x${"11".repeat(32)}` }),
      engine.infer({ ...request, seed: 1 }, { seed: `0x${"12".repeat(32)}` }),
    ]);
    expect(again!.tokenIds).toEqual(first!.tokenIds);
    expect(other!.tokenIds).not.toEqual(first!.tokenIds);
  });
});

describe("fingerprint", () => {
  test("four rows, of which the greedy output takes each first", async () => {
    const { tokenIds, fingerprint, usage } = await engine.infer(story);
    const rows = decodeFingerprint(fingerprint);
    const positions = fingerprintRows({
      promptTokens: usage.promptTokens,
      outputTokens: tokenIds.length,
      stopReason: "length",
      outputTokensHash: hashTokenIds(tokenIds),
    });
    expect(rows).toHaveLength(4);
    for (const [index, position] of positions.entries()) {
      if (position >= 0) expect(rows[index]!.tokenIds[0]).toBe(tokenIds[position]);
      expect(rows[index]!.surprisals).toEqual(rows[index]!.surprisals.toSorted((a, b) => a - b));
    }
  });

  test("does not depend on the company, nor on what the sequence held before", async () => {
    const { fingerprint } = await engine.infer(story);
    const together = await Promise.all([...stories, story, story].map((request) => engine.infer(request)));
    expect(together.slice(-2).map((result) => result.fingerprint)).toEqual([fingerprint, fingerprint]);
  });

  test("under a grammar it is what the model would say without", async () => {
    const free = await engine.infer({ ...story, max_tokens: 1 });
    const bound = await engine.infer({ ...story, ...endless, max_tokens: 1 });
    expect(bound.tokenIds).not.toEqual(free.tokenIds);
    expect(bound.fingerprint).toBe(free.fingerprint);
  });
});

describe("caps", () => {
  test("max_tokens cuts the output and says so", async () => {
    const whole = await engine.infer(story);
    const cut = await engine.infer({ ...story, max_tokens: 7 });
    expect(cut).toMatchObject({ finishReason: "length", usage: { completionTokens: 7 } });
    expect(cut.tokenIds).toEqual(whole.tokenIds.slice(0, 7));
    expect(whole.text.startsWith(cut.text)).toBe(true);
  });

  test("max_completion_tokens is the same cap under its newer name", async () => {
    const { max_tokens, ...request } = story;
    const cut = await engine.infer({ ...request, max_completion_tokens: 5 });
    expect(cut).toMatchObject({ finishReason: "length", usage: { completionTokens: 5 } });
    expect(max_tokens).toBe(60);
  });

  test("outputTokensCap binds below what the request asks for", async () => {
    const cut = await engine.infer(story, { outputTokensCap: 3 });
    expect(cut).toMatchObject({ finishReason: "length", usage: { completionTokens: 3 } });
  });

  test("a prompt above promptTokensCap is the requester's fault", async () => {
    const promptTokens = engine.countPromptTokens(story);
    await expectCode(engine.infer(story, { promptTokensCap: promptTokens - 1 }), "invalid-input");
    await engine.infer(story, { promptTokensCap: promptTokens });
  });

  test("the context can be filled to its last token, and nothing is shifted out", async () => {
    const request = ask("Tell me a story.", endless);
    const promptTokens = engine.countPromptTokens(request);
    const result = await engine.infer({ ...request, max_tokens: contextTokens - promptTokens });
    expect(result).toMatchObject({
      finishReason: "length",
      usage: { completionTokens: contextTokens - promptTokens },
    });
    const shorter = await engine.infer({ ...request, max_tokens: 100 });
    expect(result.tokenIds.slice(0, 100)).toEqual(shorter.tokenIds);
    await expectCode(
      engine.infer({ ...request, max_tokens: contextTokens - promptTokens + 1 }),
      "invalid-input",
    );
  });

  test("a prompt longer than the context fails alone", async () => {
    const tooLong = ask("Once upon a time there was a dog. ".repeat(80));
    const alone = await engine.infer(story);
    const [before, failed, after] = await Promise.all([
      engine.infer(story),
      expectCode(engine.infer(tooLong), "invalid-input"),
      engine.infer(story),
    ]);
    expect(failed.shortMessage).toContain("512");
    expect([before!.text, after!.text]).toEqual([alone.text, alone.text]);
  });
});

describe("requests that cannot be served", () => {
  test.each([
    ["no messages", { messages: [] }],
    [
      "an image",
      { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:" } }] }] },
    ],
    ["tools", { ...story, tools: [{ type: "function" }] }],
    [
      "a broken schema",
      { ...story, response_format: { type: "json_schema", json_schema: { schema: { type: "odd" } } } },
    ],
  ])("%s is invalid-input", async (_name, request) => {
    await expectCode(engine.infer(request as never), "invalid-input");
  });
});
