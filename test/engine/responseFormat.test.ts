import type { ChatRequest, Engine } from "@millrace/engine";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, expectCode, openEngine } from "./fixture.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine({ sequences: 8 });
});
afterAll(() => engine.close());

const underSchema = (schema: Record<string, unknown>, request: Partial<ChatRequest> = {}) =>
  ask("Tell me a story about a dog.", {
    response_format: { type: "json_schema", json_schema: { name: "answer", strict: true, schema } },
    ...request,
  });

const person = {
  type: "object",
  properties: {
    name: { type: "string", maxLength: 12 },
    mood: { type: "string", enum: ["happy", "sad"] },
    age: { type: "integer", minimum: 1, maximum: 99 },
    friends: { type: "array", items: { $ref: "#/$defs/friend" }, maxItems: 2 },
    nickname: { anyOf: [{ type: "string", maxLength: 5 }, { type: "null" }] },
  },
  required: ["name", "mood", "age", "friends", "nickname"],
  additionalProperties: false,
  $defs: { friend: { type: "object", properties: { brave: { type: "boolean" } }, required: ["brave"] } },
};

test("json_schema: the answer is JSON of that shape and nothing else", async () => {
  const { text, finishReason } = await engine.infer(underSchema(person));
  expect(finishReason).toBe("stop");
  const answer = JSON.parse(text);
  expect(Object.keys(answer)).toEqual(["name", "mood", "age", "friends", "nickname"]);
  expect(["happy", "sad"]).toContain(answer.mood);
  expect(answer.name.length).toBeLessThanOrEqual(12);
  expect(Number.isInteger(answer.age) && answer.age >= 1 && answer.age <= 99).toBe(true);
  expect(answer.friends.every(({ brave }: { brave: unknown }) => typeof brave === "boolean")).toBe(true);
});

test("many at once do not share their place in the grammar", async () => {
  const schemas = Array.from({ length: 16 }, (_, index) => ({
    type: "object",
    properties: { [`key${index % 4}`]: { const: index }, word: { type: "string", maxLength: 6 } },
  }));
  const seeds = schemas.map((schema, seed) => underSchema(schema, { temperature: 1, seed }));
  const answers = await Promise.all(seeds.map((request) => engine.infer(request)));
  answers.forEach(({ text }, index) => {
    expect(JSON.parse(text)).toMatchObject({ [`key${index % 4}`]: index });
  });
});

test("json_object: any object, if max_tokens let it end", async () => {
  const request = ask("Hello!", {
    response_format: { type: "json_object" },
    max_tokens: 400,
    temperature: 0.8,
  });
  const answers = await Promise.all([1, 2, 3, 4].map((seed) => engine.infer({ ...request, seed })));
  for (const { text, finishReason } of answers) {
    expect(text.startsWith("{")).toBe(true);
    if (finishReason === "stop") expect(typeof JSON.parse(text)).toBe("object");
  }
  expect(answers.some(({ finishReason }) => finishReason === "stop")).toBe(true);
});

test("text: as if it were not there", async () => {
  const request = ask("Hello!");
  const withFormat = await engine.infer({ ...request, response_format: { type: "text" } });
  expect(withFormat).toEqual(await engine.infer(request));
});

test("max_tokens cuts JSON like any other output", async () => {
  const cut = await engine.infer(underSchema(person, { max_tokens: 5 }));
  expect(cut).toMatchObject({ finishReason: "length", usage: { completionTokens: 5 } });
});

describe("values", () => {
  test.each([
    [
      "a string of exact length",
      { type: "string", minLength: 3, maxLength: 3 },
      (value: unknown) => String(value).length === 3,
    ],
    [
      "a date",
      { type: "string", format: "date" },
      (value: unknown) => /^\d{4}-\d\d-\d\d$/.test(String(value)),
    ],
    [
      "null or a number",
      { type: ["null", "number"] },
      (value: unknown) => value === null || typeof value === "number",
    ],
    [
      "a list of fixed length",
      { type: "array", items: { type: "boolean" }, minItems: 3, maxItems: 3 },
      (value: unknown) => Array.isArray(value) && value.length === 3,
    ],
    [
      "keys in any script",
      { type: "object", properties: { 'naïve "ключ" 🔑\n': { const: true } } },
      (value: unknown) => JSON.stringify(value) === JSON.stringify({ 'naïve "ключ" 🔑\n': true }),
    ],
    ["a constant number", { const: -1.5e300 }, (value: unknown) => value === -1.5e300],
    [
      "recursion through $defs",
      {
        $ref: "#/$defs/tree",
        $defs: {
          tree: {
            type: "object",
            properties: { sub: { anyOf: [{ type: "null" }, { $ref: "#/$defs/tree" }] } },
          },
        },
      },
      (value: unknown) => typeof value === "object" && value !== null && "sub" in value,
    ],
  ])("%s", async (_name, schema, holds) => {
    const { text, finishReason } = await engine.infer(underSchema(schema));
    expect(finishReason).toBe("stop");
    expect(holds(JSON.parse(text))).toBe(true);
  });

  test.each([
    ["a pattern", { type: "string", pattern: "^a" }],
    ["a reference to itself", { $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/a" } } }],
    ["a huge repetition", { type: "array", items: { type: "string" }, minItems: 1_000_000 }],
  ])("%s is refused, and the engine goes on", async (_name, schema) => {
    await expectCode(engine.infer(underSchema(schema)), "invalid-input");
    expect((await engine.infer(ask("Hello!"))).finishReason).toBe("stop");
  });
});
