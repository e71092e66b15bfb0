import fc from "fast-check";
import { expect, test } from "vitest";
import { rampPrice, rampReaches, rampStart } from "../../../provider-agent/src/decide/ramp.ts";

const price = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const seconds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

test("a ramp starts at its share of the limit, rounded down", () => {
  expect(rampStart(1_001n, 5_000)).toBe(500n);
  expect(rampStart(1_001n, 10_000)).toBe(1_001n);
  expect(rampStart(1_001n, 0)).toBe(0n);
});

test("a ramp rises in a line and stays at its end", () => {
  const ramp = { from: 100n, to: 200n, rampSeconds: 10 };
  expect([0, 1, 5, 9, 10, 99].map((elapsed) => rampPrice(ramp, elapsed))).toEqual([
    100n,
    110n,
    150n,
    190n,
    200n,
    200n,
  ]);
});

test("a ramp of no duration, or one that falls, is at its end from the start", () => {
  expect(rampPrice({ from: 1n, to: 2n, rampSeconds: 0 }, 0)).toBe(2n);
  expect(rampPrice({ from: 3n, to: 2n, rampSeconds: 10 }, 0)).toBe(2n);
});

test("the second that a floor is reached is the first that does", () => {
  fc.assert(
    fc.property(price, price, seconds, price, (from, to, rampSeconds, floor) => {
      const ramp = { from, to, rampSeconds };
      const reached = rampReaches(ramp, floor);
      if (reached === undefined) {
        expect(to).toBeLessThan(floor);
        return;
      }
      expect(rampPrice(ramp, reached)).toBeGreaterThanOrEqual(floor);
      if (reached > 0) expect(rampPrice(ramp, reached - 1)).toBeLessThan(floor);
    }),
  );
});
