import { describe, expect, test } from "vitest";
import { defaultLimits, fittingOffers, offersWithin } from "../../../../client/src/market/limits.ts";
import { caps, liveOffer } from "./fixture.ts";

const priced = (provider: number, prompt: bigint, output: bigint, itemsLeft = 1_000) =>
  liveOffer(provider, { itemsLeft, offer: { promptPricePerMillion: prompt, outputPricePerMillion: output } });

describe("defaultLimits", () => {
  test("is a fifth above an offer alone", () => {
    expect(defaultLimits([priced(1, 100n, 401n)], caps, 10)).toEqual({
      promptPricePerMillion: 120n,
      outputPricePerMillion: 482n,
    });
  });

  test("takes in others up to twice as dear, for parallel work, and no dearer", () => {
    const ranked = [priced(1, 100n, 100n), priced(2, 200n, 200n), priced(3, 201n, 201n)];

    expect(defaultLimits(ranked, caps, 10).outputPricePerMillion).toBe(240n);
  });

  test("takes in dearer ones where the cheap have no room", () => {
    const ranked = [priced(1, 100n, 100n, 5), priced(2, 1_000n, 1_000n, 5), priced(3, 9_000n, 9_000n)];

    expect(defaultLimits(ranked, caps, 10).outputPricePerMillion).toBe(1_200n);
  });
});

describe("fittingOffers", () => {
  const demand = { ...caps, turnaroundSeconds: 60 };

  test("keeps those that take the caps and the turnaround", () => {
    const offers = [
      liveOffer(1),
      liveOffer(2, { offer: { maxPromptTokens: 99 } }),
      liveOffer(3, { offer: { maxOutputTokens: 199 } }),
      liveOffer(4, { offer: { minTurnaroundSeconds: 61 } }),
    ];

    expect(fittingOffers(offers, demand).map(({ offer }) => Number(offer.provider))).toEqual([1]);
  });

  test("says what offers take when none fits", () => {
    const offers = [liveOffer(1, { offer: { maxOutputTokens: 150 } })];

    expect(() => fittingOffers(offers, demand)).toThrow(
      expect.objectContaining({ code: "no-fitting-offer" }),
    );
    expect(() => fittingOffers(offers, demand)).toThrow(/150/);
  });
});

describe("offersWithin", () => {
  test("keeps those at or below both limits", () => {
    const limits = { promptPricePerMillion: 100n, outputPricePerMillion: 100n };
    const ranked = [priced(1, 100n, 100n), priced(2, 101n, 50n), priced(3, 50n, 101n)];

    expect(offersWithin(ranked, limits).map(({ offer }) => Number(offer.provider))).toEqual([1]);
  });

  test("says what the cheapest asks when none is", () => {
    const limits = { promptPricePerMillion: 1n, outputPricePerMillion: 1n };

    expect(() => offersWithin([liveOffer(1)], limits)).toThrow(
      expect.objectContaining({ code: "limit-too-low", details: expect.stringContaining("0.1 and 0.4") }),
    );
  });
});
