import { expect, test } from "vitest";
import { samplerSeed, seedFromPrompt } from "../../../engine/src/seed.ts";

const randomMarker = 2 ** 32 - 1;

test("small seeds are passed on as they are", () => {
  expect([0, 1, 42, randomMarker - 1].map(samplerSeed)).toEqual([0, 1, 42, randomMarker - 1]);
});

test.each([randomMarker, 2 ** 32, 2 ** 53 - 1, -1])(
  "seed %d becomes one that the sampler takes literally",
  (seed) => {
    const mapped = samplerSeed(seed);
    expect(Number.isInteger(mapped) && mapped >= 0 && mapped < randomMarker).toBe(true);
    expect(samplerSeed(seed)).toBe(mapped);
  },
);

test("a prompt's seed depends on every token and on their order", () => {
  const seeds = [
    [1, 2, 3],
    [1, 2, 4],
    [3, 2, 1],
    [12, 3],
    [1, 23],
  ].map(seedFromPrompt);
  expect(new Set(seeds).size).toBe(seeds.length);
  expect(seedFromPrompt([1, 2, 3])).toBe(seeds[0]);
});
