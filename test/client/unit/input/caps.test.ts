import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { capTokens } from "../../../../client/src/input/caps.ts";

const body = (content: unknown, rest: object = {}) => ({
  model: "m",
  messages: [{ role: "user", content: content as string }],
  ...rest,
});

describe("capTokens", () => {
  test("bounds the prompt by its UTF-8 bytes and what a template adds", () => {
    expect(capTokens(body("abc"), 4_096).promptTokensCap).toBe(3 + 16 + 48);
    // U+1F600 has 4 bytes, é has 2, 水 has 3.
    expect(capTokens(body("\u{1F600}é水"), 4_096).promptTokensCap).toBe(9 + 16 + 48);
  });

  test("counts bytes as the platform's encoder does, for any text", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 }), (units) => {
        // Lone surrogates too.
        const text = String.fromCharCode(...units);
        const bytes = new TextEncoder().encode(text).length;
        expect(capTokens(body(text), 1_000_000).promptTokensCap).toBe(bytes + 64);
      }),
    );
  });

  test("counts the text of parts, and everything else as JSON", () => {
    const parts = [
      { type: "text", text: "abc" },
      { type: "image_url", url: "x" },
    ];
    const json = JSON.stringify(parts[1]).length;

    expect(capTokens(body(parts), 4_096).promptTokensCap).toBe(3 + json + 64);
  });

  test("never exceeds the context", () => {
    const caps = capTokens(body("x".repeat(10_000), { max_tokens: 10_000 }), 512);

    expect(caps).toMatchObject({ promptTokensCap: 512, outputTokensCap: 512 });
  });

  test.for<[object, number, number]>([
    [{}, 4_096, 256],
    [{}, 100, 50],
    [{}, 1, 1],
    [{ max_tokens: 7 }, 4_096, 7],
    [{ max_tokens: null }, 4_096, 256],
    [{ max_completion_tokens: 9, max_tokens: 7 }, 4_096, 9],
  ])("caps the output of %j in a context of %d at %d", ([rest, context, cap]) => {
    expect(capTokens(body("x", rest), context).outputTokensCap).toBe(cap);
  });

  test("expects no more than the caps", () => {
    const caps = capTokens(body("x".repeat(400), { max_tokens: 11 }), 4_096);

    expect(caps.promptTokensExpected).toBeLessThanOrEqual(caps.promptTokensCap);
    expect(caps.outputTokensExpected).toBe(6);
  });
});
