import { describe, expect, test } from "vitest";
import { settle } from "../../../../client/src/batches/settlement.ts";
import { address, assigned, buyer, event, ITEM_ESCROW, lotOf, opened, submitted, word } from "./fixture.ts";

const gasOf = () => ({ from: buyer, gasUsed: 1_000n });
const settled = (lotId: number, provider: number, amounts: object) =>
  event("LotSettled", {
    lotId: word(lotId),
    provider: address(provider),
    ...{ paid: 0n, fee: 0n, refund: 0n, forfeit: 0n },
    ...amounts,
  });

describe("settle", () => {
  test("accounts for all of the escrow, through every way a lot can end", () => {
    const lots = [lotOf(1, 0, 4), lotOf(2, 4, 2), lotOf(1, 4, 2, 1), lotOf(2, 6, 2)];
    const logs = [
      opened(),
      assigned(1, lots[0]!),
      assigned(2, lots[1]!),
      assigned(4, lots[3]!),
      submitted(1, lots[0]!),
      settled(1, 1, { paid: 495n, fee: 5n, refund: 4n * ITEM_ESCROW - 500n, forfeit: 3n }),
      event("LotExpired", { lotId: word(2), caller: buyer, compensation: 90n, bounty: 10n }),
      event("LotClosed", { lotId: word(2), refund: 0n }),
      assigned(3, lots[2]!),
      submitted(3, lots[2]!),
      event("LotReleased", { lotId: word(4), buyerCharge: 7n, providerCharge: 9n }),
      event("LotClosed", { lotId: word(4), refund: 2n * ITEM_ESCROW - 7n }),
      event("JobClosed", { firstItem: 8, itemCount: 2, refund: 2n * ITEM_ESCROW }),
    ];

    const settlement = settle(logs, { buyer, gasOf });

    expect(settlement).toMatchObject({
      escrowed: 10n * ITEM_ESCROW,
      paid: 495n,
      fee: 5n,
      refunded: 8n * ITEM_ESCROW - 507n,
      charges: 7n,
      // Lot 3 is submitted, and not paid yet.
      locked: 2n * ITEM_ESCROW,
      compensation: 103n,
      tokens: { in: 400n, out: 150n },
      lots: { total: 4, settled: 1 },
      providers: [{ address: address(1), items: 4, lots: 1, paid: 495n }],
    });
  });

  test("a bounty that someone else earned is not the buyer's", () => {
    const logs = [opened(), assigned(1, lotOf(1, 0, 10))];
    const expired = event("LotExpired", {
      lotId: word(1),
      caller: address(9),
      compensation: 90n,
      bounty: 10n,
    });

    expect(settle([...logs, expired], { buyer, gasOf }).compensation).toBe(90n);
  });

  test("what a slash gives belongs to the buyer: the compensation, and the bounty of who sent the proof", () => {
    const slashed = event("LotSlashed", {
      lotId: word(1),
      provider: address(1),
      cost: 0n,
      compensation: 900n,
      bounty: 100n,
      rest: 9_000n,
    });
    const logs = [opened(), assigned(1, lotOf(1, 0, 10)), submitted(1, lotOf(1, 0, 10)), slashed];

    const own = settle(logs, { buyer, gasOf });
    expect(own).toMatchObject({ compensation: 1_000n, paid: 0n, locked: 10n * ITEM_ESCROW });
    const sentBy = (from: `0x${string}`) => () => ({ from, gasUsed: 1n });
    expect(settle(logs, { buyer, gasOf: sentBy(address(9)) }).compensation).toBe(900n);
  });

  test("a top-up adds to what is in escrow", () => {
    const toppedUp = event("JobToppedUp", {
      promptLimitPerMillion: 300_000n,
      outputLimitPerMillion: 800_000n,
      amount: 100n,
    });

    expect(settle([opened(), toppedUp], { buyer, gasOf })).toMatchObject({
      escrowed: 10n * ITEM_ESCROW + 100n,
      locked: 10n * ITEM_ESCROW + 100n,
    });
  });

  test("counts each transaction's gas once, by who sent it", () => {
    const logs = [opened(), assigned(1, lotOf(1, 0, 5)), assigned(2, lotOf(2, 5, 5))];
    const shared = logs.map((log) => ({ ...log, transactionHash: word(1) }));
    const later = { ...submitted(1, lotOf(1, 0, 5)), transactionHash: word(2) };

    const { gas } = settle([...shared, later], {
      buyer,
      gasOf: (hash) => ({ from: hash === word(1) ? buyer : address(1), gasUsed: 10n }),
    });

    expect(gas).toEqual({ buyer: 10n, provider: 10n });
  });
});
