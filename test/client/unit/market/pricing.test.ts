import { describe, expect, test } from "vitest";
import { collateralOf, escrowOf, valueUp } from "../../../../client/src/market/pricing.ts";
import { caps, limits, parameters } from "./fixture.ts";

// Computed by hand from contracts/Market.sol: one item at its caps costs (100 × 0.1 + 200 × 0.4) / 10⁶ = 90 base units.
const prices = { promptPricePerMillion: 100_000n, outputPricePerMillion: 400_000n };

describe("pricing", () => {
  test("an item's value is rounded up once for all of its lot", () => {
    expect(valueUp(1, caps, prices)).toBe(90n);
    expect(valueUp(3, { promptTokensCap: 1, outputTokensCap: 1 }, prices)).toBe(2n);
  });

  test("escrow rounds each item up by itself", () => {
    expect(escrowOf(3, { promptTokensCap: 1, outputTokensCap: 1 }, prices)).toBe(3n);
    expect(escrowOf(7, caps, limits)).toBe(7n * 180n);
  });

  test("collateral is the largest of the value's share, the minimum and the way to the limit", () => {
    const terms = { prices, limits, parameters };

    expect(collateralOf(1, caps, terms)).toBe(10_000n);
    expect(collateralOf(1_000, caps, { ...terms, limits: prices })).toBe(90_000n);
    // What the bounty leaves of the penalty, nine tenths, covers the way from 90,000 to 180,000.
    expect(collateralOf(1_000, caps, terms)).toBe(100_000n);
  });
});
