import { CLEAN_RATIO, FAULT_RATIO, voteOf } from "@millrace/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Arena, CheatKind } from "../../helpers/cheats/index.ts";
import { openArena, playToTheEnd } from "./fixture.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
});
afterAll(() => arena[Symbol.asyncDispose]());

describe("who computes otherwise than agreed is found, judged by five jurors and slashed", () => {
  test.for<CheatKind>([
    "cheap-model",
    "noisy-weights",
    "dropped-layer",
    "edited-prompt",
    "other-temperature",
    "other-seed",
    "truncated",
    "edited-token",
    "runner-up-token",
    "copied-answers",
    "cached-answers",
    "cheap-model-true-fingerprints",
  ])("%s", async (kind) => {
    const { slash, events, cheat } = await playToTheEnd(arena, kind);
    const { caught, cost } = slash;
    if (caught.by !== "jury") throw new Error(`It was caught by a ${caught.by}.`);
    expect(caught.votes).toHaveLength(5);
    for (const vote of caught.votes) expect(vote).toBeGreaterThanOrEqual(voteOf(FAULT_RATIO));
    // Each juror had a fee, out of what the cheat lost.
    expect(cost).toBe(5_000n);
    const steps = events.flatMap((event) =>
      "provider" in event && event.provider === cheat.address ? [event.type] : [],
    );
    expect(steps).toEqual(
      expect.arrayContaining(["lot-faulty", "case-opened", "jury-drawn", "verdict", "case-concluded"]),
    );
    // The honest provider's work on the same items was looked at as closely.
    const checks = events.flatMap((event) => (event.type === "lot-checked" ? [event] : []));
    expect(checks.at(-1)).toMatchObject({ provider: arena.honest.status().owner });
    expect(checks.at(-1)!.ratio).toBeLessThan(CLEAN_RATIO);
  });
});
