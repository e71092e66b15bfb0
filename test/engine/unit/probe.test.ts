import { describe, expect, test } from "vitest";
import { countsToMeasure, fastest } from "../../../engine/src/probe.ts";

describe("fastest", () => {
  const speeds = (entries: Record<number, number>) =>
    new Map(Object.entries(entries).map(([setting, speed]) => [Number(setting), speed]));

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

test("one and the most are measured first, then what lies between, each once", () => {
  expect(countsToMeasure(32)).toEqual([1, 32, 16, 8, 2, 4]);
  expect(countsToMeasure(12)).toEqual([1, 12, 8, 2, 4]);
  expect(countsToMeasure(2)).toEqual([1, 2]);
  expect(countsToMeasure(1)).toEqual([1]);
});
