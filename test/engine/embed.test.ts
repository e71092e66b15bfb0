import type { ClaimedEmbedding, Engine } from "@millrace/engine";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectCode, openEngine } from "./fixture.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

const text = "A dog ran over the hill to find its red ball.";
const claim = async (content = text): Promise<ClaimedEmbedding> => ({
  text: content,
  promptTokensCap: 100,
  claimed: await engine.embed(content),
});

describe("embed", () => {
  test("a text has one direction, another text another one", async () => {
    const [first, again, other] = await Promise.all(
      [text, text, "Numbers are sorted by size."].map((content) => engine.embed(content)),
    );
    expect(again).toEqual(first);
    expect(other!.vector).toHaveLength(first!.vector.length);
    expect(other!.vector).not.toBe(first!.vector);
    expect(first!.promptTokens).toBeGreaterThan(5);
  });

  test("generating beside it changes nothing", async () => {
    const { vector } = await engine.embed(text);
    const story = { messages: [{ role: "user" as const, content: "Tell me a story." }], max_tokens: 30 };
    const alone = await engine.infer(story);
    const [embedding, beside] = await Promise.all([engine.embed(text), engine.infer(story)]);
    expect(embedding.vector).toBe(vector);
    expect(beside.tokenIds).toEqual(alone.tokenIds);
  });

  test("a text that is too long, or empty, is the requester's fault", async () => {
    const { promptTokens } = await engine.embed(text);
    await expectCode(engine.embed(text, { promptTokensCap: promptTokens - 1 }), "invalid-input");
    await engine.embed(text, { promptTokensCap: promptTokens });
    await expectCode(engine.embed("word ".repeat(600)), "invalid-input");
    await expectCode(engine.embed(""), "invalid-input");
    await expectCode(engine.embed(text, { signal: AbortSignal.abort() }), "aborted");
  });
});

describe("scoreEmbedding", () => {
  test("an honest one points the same way on an engine with other settings", async () => {
    await using other = await openEngine({ sequences: 1, threads: 2, contextTokens: 256 });
    for (const content of [text, "Hello!", "word ".repeat(30)]) {
      const { cosine, mismatch } = await other.scoreEmbedding(await claim(content));
      expect(mismatch).toBeUndefined();
      expect(cosine).toBeGreaterThan(0.9999);
    }
  });

  test("that of another text points elsewhere", async () => {
    const item = await claim();
    const { vector } = await engine.embed(text.replace("dog", "cat"));
    const score = await engine.scoreEmbedding({ ...item, claimed: { ...item.claimed, vector } });
    expect(score.cosine).toBeLessThan(0.999);
  });

  test("another number of tokens, other dimensions, and what is no number", async () => {
    const item = await claim();
    const { vector, promptTokens } = item.claimed;
    const score = (claimed: Partial<ClaimedEmbedding["claimed"]>) =>
      engine.scoreEmbedding({ ...item, claimed: { ...item.claimed, ...claimed } });
    expect(await score({ promptTokens: promptTokens + 1 })).toMatchObject({ mismatch: "prompt" });
    for (const wrong of ["0x", "0xzz", vector.slice(0, -4), `${vector.slice(0, -4)}007c`])
      expect(await score({ vector: wrong as `0x${string}` })).toMatchObject({ mismatch: "vector" });
  });
});
