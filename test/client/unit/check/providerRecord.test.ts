import type { ItemScore, Tolerance } from "@millrace/protocol";
import { hashText } from "@millrace/protocol";
import { expect, test } from "vitest";
import {
  avoidedProviders,
  countCheckedLot,
  countConviction,
} from "../../../../client/src/check/providerRecord.ts";
import { pooledRatio, statisticsOf } from "../../../../client/src/check/statistics.ts";
import type { Core } from "../../../../client/src/core/core.ts";
import { systemClock } from "../../../../client/src/index.ts";
import { createMemoryState } from "../../../../client/src/state/memoryState.ts";
import { address, word } from "../batches/fixture.ts";

const tolerance: Tolerance = {
  meanGap: 0.01,
  maxGap: { base: 0.5, perDoubling: 0.05 },
  epsilon: 0.2,
  fingerprint: 0.2,
};
const classHash = hashText("class");

const scored = (meanGap: number, change: Partial<ItemScore> = {}): ItemScore => ({
  countedTokens: 40,
  gapSum: 40 * meanGap,
  maxGap: 0.1,
  fingerprint: 0.01,
  mismatch: undefined,
  ...change,
});

// Nothing here reads the chain.
const createCore = () => ({ state: createMemoryState(), clock: systemClock }) as unknown as Core;

const lotOf = (number: number, provider: number, scores: readonly ItemScore[]) => ({
  provider: address(provider),
  lotId: word(number),
  commitment: word(1),
  classHash,
  tolerance,
  statistics: statisticsOf(scores),
  isFaulty: false,
});

test("means say nothing of few tokens, and all of many", () => {
  const off = scored(0.02, { fingerprint: undefined });

  expect(pooledRatio(statisticsOf([off, off, off]), tolerance)).toBe(0);
  expect(pooledRatio(statisticsOf([off, off, off, off]), tolerance)).toBeCloseTo(2);
});

test("who is a little off in every lot, and in none too much, is avoided in the end", async () => {
  const core = createCore();
  for (let lot = 0; lot < 3; lot++) await countCheckedLot(core, lotOf(lot, 1, [scored(0.018)]));
  expect(await avoidedProviders(core)).toEqual(new Set());

  await countCheckedLot(core, lotOf(3, 1, [scored(0.018)]));
  for (let lot = 4; lot < 9; lot++) await countCheckedLot(core, lotOf(lot, 2, [scored(0.001)]));

  expect(await avoidedProviders(core)).toEqual(new Set([address(1)]));
});

test("a lot that is counted twice counts once", async () => {
  const core = createCore();
  for (let time = 0; time < 4; time++) await countCheckedLot(core, lotOf(1, 1, [scored(0.018)]));

  expect(await avoidedProviders(core)).toEqual(new Set());
});

test("lots that are counted beside each other all count", async () => {
  const core = createCore();

  await Promise.all([0, 1, 2, 3].map((lot) => countCheckedLot(core, lotOf(lot, 1, [scored(0.018)]))));

  expect(await avoidedProviders(core)).toEqual(new Set([address(1)]));
});

test("one conviction is enough", async () => {
  const core = createCore();
  await countConviction(core, { provider: address(7), lotId: word(1) });

  expect(await avoidedProviders(core)).toEqual(new Set([address(7)]));
});
