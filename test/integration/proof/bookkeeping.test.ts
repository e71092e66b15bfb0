import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Arena, CheatKind } from "../../helpers/cheats/index.ts";
import { openArena, playToTheEnd } from "./fixture.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
});
afterAll(() => arena[Symbol.asyncDispose]());

describe("a lie of bookkeeping is proven by hashes, and its lot is run again by another", () => {
  test.for<[CheatKind, string, number]>([
    ["wrong-totals", "lot-totals", 15],
    ["omitted-item", "no-answer", 8],
    ["repeated-item", "statement", 8],
    ["swapped-items", "input", 0],
    ["withheld-receipts", "no-answer", 0],
  ])("%s", async ([kind, fault, index]) => {
    const { slash } = await playToTheEnd(arena, kind);
    expect(slash).toMatchObject({ caught: { by: "proof", fault, index } });
  });
});
