import fc from "fast-check";
import type { Token } from "node-llama-cpp";
import { expect, test } from "vitest";
import { watchForStops } from "../../../engine/src/stopStrings.ts";

/** A tokenizer whose token `n` is byte `n`: characters are spread over tokens as badly as they can be. */
const detokenize = (tokenIds: readonly Token[]) => Buffer.from(tokenIds).toString("utf8");
const tokenize = (text: string) => [...Buffer.from(text, "utf8")] as Token[];

function firstMatch(text: string, stopStrings: readonly string[]) {
  const watcher = watchForStops(stopStrings, detokenize);
  const tokenIds = tokenize(text);
  for (let count = 1; count <= tokenIds.length; count++) {
    const match = watcher.completedBy(tokenIds.slice(0, count));
    if (match) return match;
  }
  return undefined;
}

test("without stop strings nothing matches", () => {
  expect(firstMatch("anything", [])).toBeUndefined();
});

test("the match is complete with the last byte of its last character", () => {
  expect(firstMatch("ab🦙c", ["🦙"])).toEqual({ stopString: "🦙", tokenCount: 6, text: "ab" });
});

test("of two that the same token completes, the one that begins first wins", () => {
  expect(firstMatch("xabc", ["bc", "abc"])).toEqual({ stopString: "abc", tokenCount: 4, text: "x" });
});

test("agrees with searching the whole text, for any text and stops", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "é", "🦙", "\n"), maxLength: 40 });
  const stop = fc.string({ unit: fc.constantFrom("a", "b", "é", "🦙", "\n"), minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(text, fc.array(stop, { minLength: 1, maxLength: 3 }), (text, stops) => {
      const ends = stops.map((stop) => [text.indexOf(stop), stop] as const).filter(([index]) => index >= 0);
      const firstEnd = Math.min(...ends.map(([index, stop]) => index + stop.length));
      const match = firstMatch(text, stops);
      if (ends.length === 0) return match === undefined;
      return match !== undefined && match.tokenCount === tokenize(text.slice(0, firstEnd)).length;
    }),
  );
});
