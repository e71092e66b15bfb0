import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { collateralOf } from "../../../../client/src/market/pricing.ts";
import { rankOffers, splitJob } from "../../../../client/src/market/split.ts";
import { caps, limits, liveOffer, parameters } from "./fixture.ts";

const defaults = { itemCount: 200, caps, limits, parameters };
const itemsOf = (split: ReturnType<typeof splitJob>) => split.fills.flatMap(({ lotItems }) => lotItems);

describe("splitJob", () => {
  test("gives everything to a provider alone", () => {
    const split = splitJob({ ...defaults, offers: [liveOffer(1)] });

    expect(itemsOf(split).reduce((a, b) => a + b)).toBe(200);
    expect(split.bidItems).toBe(0);
  });

  test("deals half out in turn among several, and leaves the rest as a bid", () => {
    const split = splitJob({ ...defaults, offers: [liveOffer(1), liveOffer(2)] });

    expect(split.lotItems).toBe(17);
    expect(split.fills.map(({ offer, lotItems }) => [Number(offer.provider), lotItems])).toEqual([
      [1, [17, 17, 17]],
      [2, [17, 17, 17]],
    ]);
    expect(split.bidItems).toBe(200 - 6 * 17);
  });

  test("several offers of one provider are one provider", () => {
    const split = splitJob({ ...defaults, offers: [liveOffer(1), liveOffer(1)] });

    expect(split.bidItems).toBe(0);
  });

  test("honours lot size and opening share", () => {
    const offers = [liveOffer(1), liveOffer(2)];
    const split = splitJob({ ...defaults, offers, lotItems: 50, openingShare: 1 });

    expect(itemsOf(split)).toEqual([50, 50, 50, 50]);
    expect(splitJob({ ...defaults, offers, openingShare: 0 }).fills).toEqual([]);
  });

  test("keeps within an offer's room and lot sizes", () => {
    const offers = [
      liveOffer(1, { itemsLeft: 20 }),
      liveOffer(2, { offer: { maxLotItems: 5 } }),
      liveOffer(3, { offer: { minLotItems: 60 } }),
    ];
    const split = splitJob({ ...defaults, offers, lotItems: 15, openingShare: 1 });

    const byProvider = (n: number) =>
      split.fills.filter(({ offer }) => Number(offer.provider) === n).flatMap(({ lotItems }) => lotItems);
    expect(byProvider(1)).toEqual([15, 5]);
    expect(byProvider(2).every((items) => items === 5)).toBe(true);
    expect(byProvider(3)).toEqual([]);
  });

  test("gives no lot to an offer that it is not worth enough to", () => {
    // A lot of 10 items is worth 900 at these prices.
    const offers = [
      liveOffer(1, { offer: { minLotValue: 901n } }),
      liveOffer(2, { offer: { minLotValue: 900n } }),
    ];
    const split = splitJob({ ...defaults, offers, itemCount: 40, lotItems: 10, openingShare: 1 });

    expect(split.fills.map(({ offer }) => Number(offer.provider))).toEqual([2]);
  });

  test("passes a signature on, and none where the offer is posted", () => {
    const offers = [liveOffer(1, { signature: "0x1234" }), liveOffer(2)];
    const split = splitJob({ ...defaults, offers, openingShare: 1 });

    expect(split.fills.map(({ signature }) => signature)).toEqual(["0x1234", "0x"]);
  });

  test("keeps within a provider's collateral, over all of its offers", () => {
    const needed = collateralOf(10, caps, { prices: liveOffer(1).offer, limits, parameters });
    const poor = { freeCollateral: needed * 3n };
    const split = splitJob({ ...defaults, offers: [liveOffer(1, poor), liveOffer(1, poor)], lotItems: 10 });

    expect(itemsOf(split)).toEqual([10, 10, 10]);
    expect(split.bidItems).toBe(170);
  });

  test("adds up and never exceeds 64 lots, whatever the market", () => {
    const offer = fc.record({
      provider: fc.integer({ min: 1, max: 5 }),
      itemsLeft: fc.integer({ min: 1, max: 500 }),
      minLotItems: fc.integer({ min: 0, max: 20 }),
      maxLotItems: fc.integer({ min: 20, max: 100 }),
    });
    fc.assert(
      fc.property(
        fc.array(offer, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 5_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (raw, itemCount, openingShare) => {
          const offers = raw.map(({ provider, itemsLeft, ...offerTerms }) =>
            liveOffer(provider, { itemsLeft, offer: offerTerms }),
          );
          const split = splitJob({ ...defaults, offers, itemCount, openingShare });

          const given = itemsOf(split).reduce((a, b) => a + b, 0);
          expect(given + split.bidItems).toBe(itemCount);
          expect(split.bidItems).toBeGreaterThanOrEqual(0);
          expect(itemsOf(split).length).toBeLessThanOrEqual(64);
          expect(new Set(split.fills.map(({ offer }) => offer)).size).toBe(split.fills.length);
          expect(itemsOf(split).every((items) => items > 0)).toBe(true);
        },
      ),
    );
  });

  test("starts the bid's ramp where the cheapest offer would take it", () => {
    const split = splitJob({
      ...defaults,
      offers: [liveOffer(1, { offer: { outputPricePerMillion: 400_001n } })],
    });

    // 100,000 of 200,000 and 400,001 of 800,000, rounded up.
    expect(split.startBps).toBe(5_001);
  });
});

describe("rankOffers", () => {
  test("sorts by what an item at its caps costs, posted first among equals", () => {
    // Prompts are half as many as outputs here, so 0.3 and 0.1 are cheaper than 0.1 and 0.4.
    const dearPrompt = liveOffer(1, {
      offer: { promptPricePerMillion: 300_000n, outputPricePerMillion: 100_000n },
    });
    const ranked = rankOffers([liveOffer(2), dearPrompt, liveOffer(3)], caps);

    expect(ranked.map(({ offer }) => Number(offer.provider))).toEqual([1, 2, 3]);
  });
});
