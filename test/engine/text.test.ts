import type { ChatRequest, Engine } from "@millrace/engine";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, openEngine } from "./fixture.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

/** A request whose only legal answer is the given value as JSON: the way to make a small model write any text. */
function say(value: string, request: Partial<ChatRequest> = {}): ChatRequest {
  return ask("Hello!", {
    response_format: { type: "json_schema", json_schema: { schema: { const: value } } },
    ...request,
  });
}

describe("stop strings", () => {
  const story = ask("Tell me a story about a dog.", { max_tokens: 60 });

  test("end the output before themselves", async () => {
    const whole = await engine.infer(story);
    const result = await engine.infer({ ...story, stop: "little dog" });
    expect(result).toMatchObject({ finishReason: "stop", stopString: "little dog" });
    expect(result.text).toBe(whole.text.slice(0, whole.text.indexOf("little dog")));
  });

  test("may begin and end inside tokens; ids reach up to the token that completes them", async () => {
    const whole = await engine.infer(story);
    const stop = "pon a ti";
    expect(whole.text.startsWith("Once upon a time")).toBe(true);
    const result = await engine.infer({ ...story, stop });
    expect(result.text).toBe("Once u");
    expect(result.tokenIds).toEqual(whole.tokenIds.slice(0, result.tokenIds.length));
    expect(result.usage.completionTokens).toBe(result.tokenIds.length);
    const oneLess = await engine.infer({ ...story, max_tokens: result.tokenIds.length - 1 });
    expect(oneLess.text).not.toContain(stop);
  });

  test("of several, the one that comes first wins", async () => {
    const result = await engine.infer({ ...story, stop: ["dog", "time", "never said"] });
    expect(result).toMatchObject({ text: "Once upon a ", stopString: "time" });
  });

  test("that never occur change nothing", async () => {
    const whole = await engine.infer(story);
    const result = await engine.infer({ ...story, stop: ["xyzzy"] });
    expect(result).toEqual(whole);
    expect(result.stopString).toBeUndefined();
  });

  test("may be characters that several tokens spell", async () => {
    const result = await engine.infer(say("a🦙b", { stop: "🦙" }));
    expect(result).toMatchObject({ text: '"a', finishReason: "stop", stopString: "🦙" });
  });
});

describe("unusual Unicode", () => {
  const texts = [
    "naïve café — Ærøskøbing",
    "漢字かな交じり文 한국어",
    "🦙👩‍👩‍👧‍👦🏳️‍🌈 and \u{1F9FF}",
    "مرحبا \u200fשלום\u200e",
    "z\u0361a\u0308\u0301lgo \ufeff \u2028 \u00a0",
    'line\nbreak\ttab "quoted" back\\slash',
    "\ufffd is a character too",
    "𝒳 \u{10FFFF}",
  ];

  test.each(texts)("comes out exactly: %j", async (text) => {
    const result = await engine.infer(say(text));
    expect(result.finishReason).toBe("stop");
    expect(JSON.parse(result.text)).toBe(text);
  });

  test.each([...texts, "nul \0 byte", "<s></s>[INST]"])("goes in without harm: %j", async (text) => {
    const { promptTokenIds } = await engine.infer(ask(text, { max_tokens: 1 }));
    expect(promptTokenIds).toHaveLength(engine.countPromptTokens(ask(text)));
    expect(promptTokenIds.length).toBeGreaterThan(engine.countPromptTokens(ask("")));
  });

  test("a cap between the bytes of a character leaves no half of it in the text", async () => {
    const whole = await engine.infer(say("ab🦙"));
    for (let cap = 1; cap < whole.tokenIds.length; cap++) {
      const { text, tokenIds } = await engine.infer(say("ab🦙", { max_tokens: cap }));
      expect(tokenIds).toEqual(whole.tokenIds.slice(0, cap));
      expect(text).not.toContain("\ufffd");
      expect(whole.text.startsWith(text)).toBe(true);
    }
  });
});
