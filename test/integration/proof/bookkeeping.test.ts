import { CERTAIN_RATIO, voteOf } from "@millrace/protocol";
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
    ["wrong-totals", "lot-totals", 7],
    ["omitted-item", "no-answer", 4],
    ["repeated-item", "statement", 4],
    ["swapped-items", "input", 0],
    ["withheld-receipts", "no-answer", 0],
  ])("%s", async ([kind, fault, index]) => {
    const { slash } = await playToTheEnd(arena, kind);
    expect(slash).toMatchObject({ caught: { by: "proof", fault, index } });
  });
});

test("withheld-results: they are demanded on-chain, and the lot is slashed when they do not come", async () => {
  const { slash } = await playToTheEnd(arena, "withheld-results");
  expect(slash).toMatchObject({ caught: { by: "demand" }, cost: 0n });
});

test("equivocation: jurors write the receipts of what was delivered, and find others than were committed to", async () => {
  const { slash } = await playToTheEnd(arena, "equivocation");
  const most = voteOf(CERTAIN_RATIO);
  expect(slash.caught).toMatchObject({ by: "jury", about: "delivery", votes: Array(5).fill(most) });
});
