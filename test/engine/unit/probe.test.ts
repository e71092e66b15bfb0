import { describe, expect, test } from "vitest";
import { bestBatch, countsToMeasure, fastest, type Speed } from "../../../engine/src/probe.ts";

const speedsBy = (measure: keyof Speed) => (entries: Record<number, number>) =>
  new Map(
    Object.entries(entries).map(([count, speed]): [number, Speed] => [
      Number(count),
      { average: 1, undisturbed: 1, [measure]: speed },
    ]),
  );

describe("fastest", () => {
  const speeds = speedsBy("average");

  test("is the fastest setting, in whatever order they were measured", () => {
    expect(fastest(new Map([...speeds({ 1: 100, 4: 120, 16: 300 })].reverse()))).toBe(16);
  });

  test("is not a larger setting for a difference within noise", () => {
    expect(fastest(speeds({ 1: 100, 8: 102, 16: 101 }))).toBe(1);
  });

  test("of nothing is an error", () => {
    expect(() => fastest(new Map())).toThrow(RangeError);
  });
});

describe("bestBatch", () => {
  const speeds = speedsBy("undisturbed");
  const q8OnX86 = speeds({ 1: 130, 2: 88, 4: 133, 8: 195, 16: 258 });

  test("takes sequences one by one where two at once are slower", () => {
    expect([1, 2, 3].map((running) => bestBatch(q8OnX86, running))).toEqual([1, 1, 1]);
  });

  test("takes all together where that is no slower", () => {
    expect([4, 5, 8, 12, 16, 32].map((running) => bestBatch(q8OnX86, running))).toEqual([
      4, 5, 8, 12, 16, 32,
    ]);
  });

  test("never splits a large batch, whatever was measured", () => {
    expect(bestBatch(speeds({ 1: 130, 16: 60 }), 16)).toBe(16);
  });

  test("without a measurement takes all together", () => {
    expect(bestBatch(new Map(), 3)).toBe(3);
  });
});

test("one and the most are measured first, then what lies between, each once", () => {
  expect(countsToMeasure(32)).toEqual([1, 32, 16, 8, 2, 4]);
  expect(countsToMeasure(12)).toEqual([1, 12, 8, 2, 4]);
  expect(countsToMeasure(2)).toEqual([1, 2]);
  expect(countsToMeasure(1)).toEqual([1]);
});
