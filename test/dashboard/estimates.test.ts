import { describe, expect, test } from "vitest";
import { comparableBatch, presetFor } from "../../dashboard/src/estimates/batchSize.ts";
import { blendedPrice, depthOf } from "../../dashboard/src/estimates/depth.ts";
import { type EarningsInput, estimateEarnings } from "../../dashboard/src/estimates/earnings.ts";
import { fillOf } from "../../dashboard/src/estimates/fill.ts";
import {
  monthsOld,
  referenceCostUsd,
  referencePrices,
} from "../../dashboard/src/estimates/referencePrices.ts";
import { stakeYield } from "../../dashboard/src/estimates/stakeYield.ts";

const price = (prompt: number, output: number) => ({
  promptPricePerMillion: String(prompt),
  outputPricePerMillion: String(output),
});

describe("estimateEarnings", () => {
  const input: EarningsInput = {
    outputTokensPerSecond: 100,
    promptTokensPerOutputToken: 2,
    hoursPerDay: 10,
    fill: 0.5,
    promptPricePerMillion: 0.1,
    outputPricePerMillion: 0.4,
    feeBps: 250,
    watts: 300,
    pricePerKilowattHour: 0.2,
  };

  test("default", () => {
    // 100 tokens/s over 5 h of work are 1.8 M, at 0.4 + 2 × 0.1 a million; 0.3 kW × 5 h × 0.2 of power.
    const { outputTokens, gross, fee, power, net } = estimateEarnings(input);
    expect(outputTokens).toBe(1_800_000);
    expect(gross).toBeCloseTo(1.08, 12);
    expect(fee).toBeCloseTo(0.027, 12);
    expect(power).toBeCloseTo(0.3, 12);
    expect(net).toBeCloseTo(0.753, 12);
  });

  test("behavior: power can cost more than work brings", () => {
    expect(estimateEarnings({ ...input, outputTokensPerSecond: 1 }).net).toBeLessThan(0);
  });

  test("behavior: no work costs no power", () => {
    expect(estimateEarnings({ ...input, fill: 0 })).toMatchObject({
      outputTokens: 0,
      gross: 0,
      power: 0,
      net: 0,
    });
  });
});

describe("depthOf", () => {
  test("sums asks upwards and bids downwards", () => {
    const bid = { jobId: "0x", buyer: "0x", openedAt: 0, rampSeconds: 0, endsAt: 0 } as const;
    const depth = depthOf({
      depth: [
        { ...price(2, 4), items: 10, providers: 1 },
        { ...price(4, 6), items: 5, providers: 1 },
        // Another split of the same price.
        { ...price(5, 5), items: 1, providers: 1 },
      ],
      bids: [
        { ...bid, items: 7, start: price(0, 0), limit: price(9, 9), now: price(1, 1) },
        { ...bid, items: 2, start: price(0, 0), limit: price(9, 9), now: price(3, 3) },
      ],
    });
    expect(depth).toEqual([
      { price: 1, asks: 0, bids: 9 },
      { price: 3, asks: 10, bids: 2 },
      { price: 5, asks: 16, bids: 0 },
    ]);
  });

  test("behavior: of nothing is nothing", () => {
    expect(depthOf({ depth: [], bids: [] })).toEqual([]);
    expect(blendedPrice(price(1, 2))).toBe(1.5);
  });
});

describe("fillOf", () => {
  test("default", () => {
    expect(
      fillOf([
        { capacityItems: 30, filledItems: 10 },
        { capacityItems: 10, filledItems: 10 },
      ]),
    ).toBe(0.5);
  });

  test("behavior: nothing on offer has no fill", () => {
    expect(fillOf([])).toBeUndefined();
  });
});

describe("reference prices", () => {
  test("each names its source and its month", () => {
    expect(referencePrices.length).toBeGreaterThan(0);
    for (const { source, asOf } of referencePrices) {
      expect(new URL(source).protocol).toBe("https:");
      expect(Date.parse(`${asOf}-01`)).not.toBeNaN();
    }
  });

  test("costs a batch by its tokens", () => {
    const cheap = { ...referencePrices[0]!, promptUsdPerMillion: 0.5, outputUsdPerMillion: 2 };
    // 3,000 prompt tokens and 1,000 output tokens.
    expect(referenceCostUsd(cheap, { items: 10, promptTokens: 300, outputTokens: 100 })).toBeCloseTo(
      0.0035,
      12,
    );
  });

  test("counts whole months, and none from the future", () => {
    const now = Date.UTC(2026, 10, 30) / 1_000;
    expect(monthsOld({ asOf: "2026-11" }, now)).toBe(0);
    expect(monthsOld({ asOf: "2025-12" }, now)).toBe(11);
    expect(monthsOld({ asOf: "2027-01" }, now)).toBe(0);
  });
});

describe("stakeYield", () => {
  const DAY = 86_400;
  const now = 100 * DAY;
  const fee = (day: number, amount: number, mill: number) => ({
    amount: String(amount),
    staked: String(BigInt(mill) * 10n ** 18n),
    at: { block: day, time: day * DAY, transactionHash: "0x" as const },
  });

  test("default", () => {
    // Before the window; then 500 to each of 2 MILL and 100 to each of 10.
    const fees = [fee(60, 9_999, 1), fee(80, 1_000, 2), fee(90, 1_000, 10)];
    expect(stakeYield({ fees }, now)).toEqual({ perMill: 600, seconds: 30 * DAY });
  });

  test("behavior: a young market says how young", () => {
    expect(stakeYield({ fees: [fee(95, 10, 1)] }, now)).toEqual({ perMill: 10, seconds: 5 * DAY });
  });

  test("behavior: what nobody had staked for is nobody's", () => {
    expect(stakeYield({ fees: [fee(95, 10, 0)] }, now)).toMatchObject({ perMill: 0 });
  });

  test("behavior: without a fee there is no yield to tell", () => {
    expect(stakeYield({ fees: [fee(3, 10, 1)] }, now)).toBeUndefined();
  });
});

describe("batch sizes", () => {
  test.each([64, 512, 750, 32_768])("the preset fits into a context of %i tokens", (contextTokens) => {
    const { promptTokens, outputTokens } = presetFor(contextTokens);

    expect(promptTokens + outputTokens).toBeLessThanOrEqual(contextTokens);
    expect(Math.min(promptTokens, outputTokens)).toBeGreaterThan(0);
  });

  test("as much is priced elsewhere as finds room here", () => {
    const batch = { items: 1_000, promptTokens: 5, outputTokens: 2 };

    expect(comparableBatch(batch, { items: 1_000, unfilledItems: 400 })).toEqual({ ...batch, items: 600 });
    expect(comparableBatch(batch, { items: 1_000, unfilledItems: 0 })).toEqual(batch);
    expect(comparableBatch(batch, { items: 1_000, unfilledItems: 1_000 })).toEqual(batch);
  });
});
