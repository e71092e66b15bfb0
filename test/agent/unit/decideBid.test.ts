import { costUp } from "@millrace/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Bid,
  collateralFor,
  decideBid,
  type Means,
} from "../../../provider-agent/src/decide/decideBid.ts";
import { backlogOf, secondsPerItem } from "../../../provider-agent/src/decide/workload.ts";

const NOW = 1_000_000;
const caps = { promptTokensCap: 100, outputTokensCap: 75 };
const limits = { promptPricePerMillion: 200_000n, outputPricePerMillion: 800_000n };

const bid: Bid = {
  items: 100,
  minLotItems: 1,
  minLotValue: 0n,
  isWhole: false,
  caps,
  since: NOW - 10,
  promptRamp: { from: 100_000n, to: limits.promptPricePerMillion, rampSeconds: 100 },
  outputRamp: { from: 400_000n, to: limits.outputPricePerMillion, rampSeconds: 100 },
  turnaroundSeconds: 600,
  claimableUntil: NOW + 1_000,
  itemEscrow: costUp(100n, 75n, limits),
};

/** 100 tokens/s: an item of 75 output and 100 prompt tokens takes a second. */
const means: Means = {
  promptPricePerMillion: 100_000n,
  outputPricePerMillion: 400_000n,
  tokensPerSecond: 100,
  contextTokens: 512,
  sequences: 4,
  backlog: { items: 0, seconds: 0, lots: 0, stuckLots: 0 },
  free: 10n ** 12n,
  backing: undefined,
  collateralBps: 10_000,
  penaltyBps: 1_000,
  bountyBps: 1_000,
  minLotCollateral: 10_000n,
  gasCost: 0n,
  maxLots: 3,
  targetLotSeconds: 20,
};

const decide = (bidChanges: Partial<Bid> = {}, meansChanges: Partial<Means> = {}, now = NOW) =>
  decideBid({ ...bid, ...bidChanges }, { ...means, ...meansChanges }, now);

describe("price", () => {
  test("at the floor: claimed, as many as fill the wanted time", () => {
    expect(decide()).toEqual({ action: "claim", items: 20 });
  });

  test("below the floor: waits for the second in which both ramps have reached it", () => {
    // Output rises by 4,000 a second from 400,000, so it takes 25 seconds to 500,000; prompt takes 10 to 110,000.
    const floor = { promptPricePerMillion: 110_000n, outputPricePerMillion: 500_000n };
    expect(decide({}, floor)).toEqual({ action: "wait", reason: "price", until: bid.since + 25 });
    expect(decide({}, floor, bid.since + 25)).toEqual({ action: "claim", items: 20 });
  });

  test("a limit below the floor, or a floor reached too late: dropped", () => {
    expect(decide({}, { outputPricePerMillion: 800_001n })).toEqual({ action: "drop", reason: "price" });
    expect(decide({ claimableUntil: NOW + 5 }, { outputPricePerMillion: 700_000n })).toEqual({
      action: "drop",
      reason: "price",
    });
  });

  test("worth less than its gas: the largest possible lot, or none", () => {
    const worth = (items: bigint) =>
      costUp(items * 100n, items * 75n, { promptPricePerMillion: 110_000n, outputPricePerMillion: 440_000n });
    expect(decide({}, { gasCost: worth(50n) })).toEqual({ action: "claim", items: 100 });
    expect(decide({}, { gasCost: worth(101n) })).toEqual({ action: "drop", reason: "gas" });
  });
});

describe("time", () => {
  test("past its end, or with nothing left: dropped", () => {
    expect(decide({ claimableUntil: NOW - 1 })).toEqual({ action: "drop", reason: "deadline" });
    expect(decide({ items: 0 })).toEqual({ action: "drop", reason: "nothing-left" });
  });

  test("no more than can be done in half of the turnaround, beside what is under way", () => {
    const backlog = { items: 4, seconds: 4, lots: 1, stuckLots: 0 };
    expect(decide({ turnaroundSeconds: 20 }, { backlog })).toEqual({ action: "claim", items: 6 });
  });

  test("a lot that cannot be done in time even by an idle engine: dropped", () => {
    expect(decide({ turnaroundSeconds: 20, minLotItems: 11 })).toEqual({
      action: "drop",
      reason: "deadline",
    });
    expect(decide({ turnaroundSeconds: 20, isWhole: true, items: 11 })).toEqual({
      action: "drop",
      reason: "deadline",
    });
  });

  test("one that an idle engine could do: waits", () => {
    const backlog = { items: 8, seconds: 8, lots: 1, stuckLots: 0 };
    expect(decide({ turnaroundSeconds: 20, minLotItems: 10 }, { backlog })).toEqual({
      action: "wait",
      reason: "capacity",
    });
  });

  test("an engine of unknown speed is taken for a slow one", () => {
    // 50 tokens/s: two seconds an item.
    expect(decide({}, { tokensPerSecond: 0 })).toEqual({ action: "claim", items: 10 });
  });
});

describe("capacity", () => {
  const full = { items: 30, seconds: 30, lots: 3, stuckLots: 0 };

  test("enough lots under way: waits", () => {
    expect(decide({}, { backlog: full })).toEqual({ action: "wait", reason: "capacity" });
  });

  test("lots so small that sequences would idle do not count as enough", () => {
    const small = { ...full, items: 7 };
    expect(decide({}, { backlog: small })).toMatchObject({ action: "claim" });
  });

  test("lots without input do not count, up to four times as many", () => {
    expect(decide({}, { backlog: { ...full, stuckLots: 1 } })).toMatchObject({ action: "claim" });
    expect(decide({}, { backlog: { ...full, lots: 12, stuckLots: 12 } })).toEqual({
      action: "wait",
      reason: "capacity",
    });
  });

  test("a reopened lot is claimed whole, however long it takes beyond the wanted time", () => {
    expect(decide({ isWhole: true })).toEqual({ action: "claim", items: 100 });
  });

  test("at least the buyer's smallest lot, at least one item for each sequence", () => {
    expect(decide({ minLotItems: 30 })).toEqual({ action: "claim", items: 30 });
    expect(decide({}, { targetLotSeconds: 1, sequences: 16 })).toEqual({ action: "claim", items: 16 });
    expect(decide({ items: 3, minLotItems: 10 })).toEqual({ action: "claim", items: 3 });
  });

  test("at least as many as the buyer's smallest value needs, or all that are left", () => {
    const prices = { promptPricePerMillion: 110_000n, outputPricePerMillion: 440_000n };
    const worth = (items: bigint) => costUp(items * 100n, items * 75n, prices);
    expect(decide({ minLotValue: worth(40n) })).toEqual({ action: "claim", items: 40 });
    expect(decide({ minLotValue: worth(40n) + 1n })).toEqual({ action: "claim", items: 41 });
    expect(decide({ minLotValue: worth(101n) })).toEqual({ action: "claim", items: 100 });
    expect(decide({ minLotValue: worth(40n), turnaroundSeconds: 60 })).toEqual({
      action: "drop",
      reason: "deadline",
    });
  });
});

describe("collateral", () => {
  test("none free: waits", () => {
    expect(decide({}, { free: 9_999n })).toEqual({ action: "wait", reason: "collateral" });
  });

  test("with backers a quarter is our own, and they have to have the rest", () => {
    const claimed = { action: "claim", items: 20 };
    const waiting = { action: "wait", reason: "collateral" };
    expect(decide({}, { free: 2_500n, backing: 7_500n })).toEqual(claimed);
    expect(decide({}, { free: 2_499n, backing: 7_500n })).toEqual(waiting);
    expect(decide({}, { free: 10_000n, backing: 7_499n })).toEqual(waiting);
  });

  test("every claim is affordable, feasible and within the bid", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 0, max: 200 }),
        fc.bigInt({ min: 0n, max: 10n ** 7n }),
        fc.integer({ min: 1, max: 2_000 }),
        fc.boolean(),
        fc.option(fc.bigInt({ min: 0n, max: 10n ** 7n }), { nil: undefined }),
        (items, minLotItems, free, turnaroundSeconds, isWhole, backing) => {
          const changed: Bid = { ...bid, items, minLotItems, turnaroundSeconds, isWhole };
          const decision = decideBid(changed, { ...means, free, backing }, NOW);
          if (decision.action !== "claim") return;
          expect(decision.items).toBeLessThanOrEqual(items);
          expect(decision.items).toBeGreaterThanOrEqual(isWhole ? items : Math.min(items, minLotItems));
          expect(decision.items * secondsPerItem(caps, means)).toBeLessThanOrEqual(turnaroundSeconds / 2);
          const prices = { promptPricePerMillion: 110_000n, outputPricePerMillion: 440_000n };
          const locked = collateralFor(changed, { ...means, backing }, prices, decision.items);
          expect(locked.own).toBeLessThanOrEqual(free);
          expect(locked.backed).toBeLessThanOrEqual(backing ?? 0n);
          expect(locked.own * 4n).toBeGreaterThanOrEqual(locked.own + locked.backed);
        },
      ),
    );
  });
});

test("a backlog counts what is left, and tells lots whose input is overdue", () => {
  const speed = { tokensPerSecond: 100, contextTokens: 512 };
  const lots = [
    { itemsLeft: 10, caps },
    { itemsLeft: 5, caps, waitsSince: NOW - 2 },
    { itemsLeft: 5, caps, waitsSince: NOW - 20 },
    { itemsLeft: 0, caps },
  ];
  expect(backlogOf(lots, speed, NOW)).toEqual({ items: 20, seconds: 20, lots: 3, stuckLots: 1 });
});

test("prompt and output share the context, whatever the caps allow", () => {
  const speed = { tokensPerSecond: 100, contextTokens: 500 };
  expect(secondsPerItem({ promptTokensCap: 9_999, outputTokensCap: 100 }, speed)).toBe(2);
  expect(secondsPerItem({ promptTokensCap: 9_999, outputTokensCap: 9_999 }, speed)).toBe(5);
});
