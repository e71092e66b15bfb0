import { expect, test } from "vitest";
import { samplerSeed, seedFromPrompt } from "../../../engine/src/seed.ts";

test("every integer has 32 bytes of its own", () => {
  const seeds = [0, 1, -1, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1].map(samplerSeed);
  for (const seed of seeds) expect(seed).toMatch(/^0x[0-9a-f]{64}$/);
  expect(new Set(seeds).size).toBe(seeds.length);
  expect(samplerSeed(-1)).toBe(seeds[2]);
});

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
