import { describe, expect, test } from "vitest";
import { inTries, majorityOf } from "./draws.ts";
import { createRandom } from "./random.ts";
import { courtRules } from "./rules.ts";
import { drawerOf } from "./trial.ts";

const DRAWS = 20_000;

describe("majorityOf", () => {
  test("behavior: all, none, and a half by symmetry", () => {
    for (const size of courtRules.sizes) {
      expect(majorityOf(size, 0)).toBe(0);
      expect(majorityOf(size, 1)).toBe(1);
      expect(majorityOf(size, 0.5)).toBeCloseTo(0.5, 12);
    }
  });

  test("behavior: three of five, by hand", () => {
    expect(majorityOf(5, 0.1)).toBeCloseTo(10 * 0.001 * 0.81 + 5 * 0.0001 * 0.9 + 0.00001, 12);
  });

  /** How often so many corrupt ones of so many seats have a majority of a jury of that size. */
  function drawnMajorities(corrupt: number, seats: number, size: number): number {
    const random = createRandom(11);
    let majorities = 0;
    for (let i = 0; i < DRAWS; i++) {
      const drawn = drawerOf(seats, random)(size)!.filter((seat) => seat < corrupt).length;
      if (drawn > size / 2) majorities += 1;
    }
    return majorities / DRAWS;
  }

  test("behavior: is what draws from many seats come to, within four standard errors", () => {
    const expected = majorityOf(5, 0.3);
    const error = 4 * Math.sqrt(expected / DRAWS);
    expect(Math.abs(drawnMajorities(300, 1_000, 5) - expected)).toBeLessThan(error);
  });

  test("behavior: is more than what draws from few seats come to", () => {
    for (const size of courtRules.sizes)
      expect(drawnMajorities(18, 45, size)).toBeLessThan(majorityOf(size, 0.4));
  });
});

describe("inTries", () => {
  test("behavior: is below the sum of the chances, and near it while that is small", () => {
    expect(inTries(0.3, 1)).toBeCloseTo(0.3, 12);
    expect(inTries(0.1, 2)).toBeCloseTo(0.19, 12);
    expect(inTries(1e-12, 1_000)).toBeCloseTo(1e-9, 15);
    expect(inTries(0.5, 1e9)).toBe(1);
    expect(inTries(0, 1e9)).toBe(0);
  });
});
