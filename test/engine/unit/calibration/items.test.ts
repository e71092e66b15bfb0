import { calibrationItems, calibrationTemperatures, promptKinds } from "@millrace/engine/calibration";
import { expect, test } from "vitest";
import { parseChatRequest } from "../../../../engine/src/chatRequest.ts";

const contextTokens = 512;

test("every kind meets every temperature within 25 items, and each request is valid", () => {
  const items = calibrationItems({ count: 25, contextTokens });
  const pairs = new Set(items.map(({ kind, request }) => `${kind} ${request.temperature}`));
  expect(pairs.size).toBe(promptKinds.length * calibrationTemperatures.length);
  for (const { request } of items)
    expect(parseChatRequest(request)).toMatchObject({ max_tokens: request.max_tokens });
});

test("an item is a function of its number, and no two have the same request and seed", () => {
  const items = calibrationItems({ count: 4_000, contextTokens });
  expect(calibrationItems({ first: 100, count: 3, contextTokens })).toEqual(items.slice(100, 103));
  expect(new Set(items.map(({ seed }) => seed)).size).toBe(items.length);
  const stories = items.filter(({ kind }) => kind === "story");
  expect(new Set(stories.map(({ request }) => JSON.stringify(request.messages))).size).toBeGreaterThan(
    stories.length / 2,
  );
});

test("kinds and temperature can be fixed", () => {
  const items = calibrationItems({ count: 6, contextTokens, kinds: ["flat"], temperature: 0.8 });
  expect(items.every(({ kind, request }) => kind === "flat" && request.temperature === 0.8)).toBe(true);
});
