import { zeroHash } from "viem";
import { describe, expect, test } from "vitest";
import { viewJob } from "../../../../client/src/batches/jobView.ts";
import { settle } from "../../../../client/src/batches/settlement.ts";
import type { MarketLog } from "../../../../client/src/core/logs.ts";
import type { CaseView } from "../../../../client/src/court/caseView.ts";
import { type CaseStep, nextStepOf } from "../../../../client/src/court/nextStep.ts";
import { address, assigned, buyer, event, lotOf, opened, submitted, word } from "../batches/fixture.ts";

const lot = lotOf(1, 0, 10);
const lotId = word(1);
const DEADLINE = 1_000n;
const court = (name: MarketLog["eventName"], args: object = {}) =>
  event(name, { lotId, deadline: DEADLINE, ...args });

const challenged = (bond = 10n) =>
  court("CaseOpened", {
    challenger: buyer,
    kind: 0,
    index: 4n,
    position: 4n,
    bond,
    commitment: word(9),
  });
const armed = (round = 0n) => court("JuryArmed", { round, redraws: 0n, armedBlock: 77n });
const drawn = (round = 0n) => court("JuryDrawn", { round, redraws: 0n, seatIds: [3, 1, 4, 1, 5] });
const revealed = (place: number) => court("VoteRevealed", { seatId: place, place: BigInt(place), vote: 99 });
const decided = (verdict: number, median: number, round = 0n) =>
  court("CaseDecided", { round, verdict, median });
const concluded = (verdict: number, toChallenger: bigint) =>
  court("CaseConcluded", {
    ...{ verdict, toChallenger, toProvider: 0n, toVault: 0n },
    ...{ fees: 5n, penalties: 0n, cost: 5n },
  });

const begun = [opened(), assigned(1, lot), submitted(1, lot)];
const casesOf = (...logs: MarketLog[]): CaseView[] =>
  viewJob([...begun, ...logs]).lots.get(lotId)?.cases ?? [];

describe("a case, by its events", () => {
  test("goes from challenge to conclusion", () => {
    const answer = court("CaseAnswered", { secret: word(8) });
    const [only] = casesOf(
      challenged(),
      answer,
      court("EvidenceOpened", { evidenceHash: word(7) }),
      armed(),
      drawn(),
      court("KeysShared", { wrappedKeys: [] }),
      ...[0, 1, 2, 3, 4].map((place) =>
        court("VoteCommitted", { seatId: place, place, commitment: word(6) }),
      ),
      court("RevealOpened"),
      ...[0, 1, 2, 3, 4].map(revealed),
      decided(3, 99),
      concluded(3, 10n),
    );

    expect(only).toMatchObject({
      number: 1,
      kind: "audit",
      phase: "concluded",
      index: 4,
      providerSecret: word(8),
      evidenceHash: word(7),
      armedBlock: 77n,
      seatIds: [3, 1, 4, 1, 5],
      committed: 5,
      revealed: 5,
      verdict: "fault",
      ending: { verdict: "fault", toChallenger: 10n },
    });
    expect(only!.history.map(({ type }) => type)).toEqual([
      "case-opened",
      "jury-drawn",
      "verdict",
      "case-concluded",
    ]);
  });

  test("an appeal goes to a jury of its own, whose votes count from none", () => {
    const appealed = court("CaseAppealed", { appellant: buyer, round: 1n, bond: 11n });
    const [only] = casesOf(
      challenged(),
      ...[armed(), drawn(), revealed(0), decided(1, -90), appealed],
      ...[armed(1n), drawn(1n)],
    );

    expect(only).toMatchObject({ phase: "keys", round: 1, revealed: 0, bonds: 21n, verdict: "rejected" });
  });

  test("an objection goes on with the delivery that was demanded, and another demand is another case", () => {
    const demanded = court("DeliveryDemanded", { provider: address(1), fee: 1n });
    const delivered = court("DeliveryAnswered", { wrappedKey: "0x12" });
    const objected = court("CaseOpened", {
      ...{ challenger: buyer, kind: 2, index: 0n, position: 2n ** 32n - 1n, bond: 10n, commitment: zeroHash },
    });

    const cases = casesOf(
      ...[demanded, delivered, court("DeliveryConcluded", { isFailed: false, fee: 0n })],
      ...[demanded, delivered, objected],
    );

    expect(cases.map(({ number, phase, kind }) => [number, phase, kind])).toEqual([
      [1, "concluded", "delivery"],
      [2, "answer", "delivery"],
    ]);
    expect(cases[1]!.wrappedKey).toBe("0x12");
  });
});

describe("the next step of a challenger", () => {
  const view = (change: Partial<CaseView>): CaseView => ({
    ...casesOf(challenged())[0]!,
    deadline: 100,
    ...change,
  });
  const rows: [string, Partial<CaseView>, inTime: CaseStep | undefined, late: CaseStep | undefined][] = [
    ["the provider may answer", { phase: "answer" }, undefined, "open-evidence"],
    ["the evidence is owed", { phase: "evidence" }, "open-evidence", "conclude"],
    ["a jury waits to be drawn", { phase: "drawing" }, "draw", "conclude"],
    ["keys are owed", { phase: "keys" }, "share-keys", "conclude"],
    ["keys of a delivery are the provider's", { phase: "keys", kind: "delivery" }, undefined, "conclude"],
    ["jurors commit", { phase: "commit", committed: 4 }, undefined, "decide"],
    ["jurors reveal", { phase: "reveal", revealed: 4 }, undefined, "decide"],
    ["all have revealed", { phase: "reveal", revealed: 5 }, "decide", "decide"],
    ["a fault may be appealed by others", { phase: "decided", verdict: "fault" }, undefined, "conclude"],
    ["a rejection is not worth an appeal", { phase: "decided", verdict: "rejected" }, undefined, "conclude"],
    ["the last jury has spoken", { phase: "decided", round: 2 }, "conclude", "conclude"],
    ["no jury came together", { phase: "failed" }, "conclude", "conclude"],
    ["results are demanded", { phase: "demanded" }, undefined, "conclude"],
    ["results are said to be there", { phase: "answered" }, undefined, "conclude"],
    ["it is over", { phase: "concluded" }, undefined, undefined],
  ];
  test.each(rows)("%s", (_, change, inTime, late) => {
    expect(nextStepOf(view(change), { now: 100, isOurs: true, mayAppeal: false })).toBe(inTime);
    expect(nextStepOf(view(change), { now: 101, isOurs: true, mayAppeal: false })).toBe(late);
  });

  test("an appeal, where it is wanted and the verdict is against them", () => {
    const mayAppeal = { now: 100, isOurs: true, mayAppeal: true };
    expect(nextStepOf(view({ phase: "decided", verdict: "rejected" }), mayAppeal)).toBe("appeal");
    expect(nextStepOf(view({ phase: "decided", verdict: "inconclusive" }), mayAppeal)).toBe("appeal");
    expect(nextStepOf(view({ phase: "decided", verdict: "fault" }), mayAppeal)).toBeUndefined();
  });
});

test("of an auditor's case the buyer does what anyone may", () => {
  const stepsOf = (now: number) =>
    (["answer", "evidence", "drawing", "keys", "commit", "decided"] as const).map((phase) => {
      const view = { ...casesOf(challenged())[0]!, deadline: 100, phase, verdict: "rejected" as const };
      return nextStepOf(view, { now, isOurs: false, mayAppeal: true });
    });

  expect(stepsOf(100)).toEqual([undefined, undefined, "draw", undefined, undefined, undefined]);
  expect(stepsOf(101)).toEqual(["conclude", "conclude", "conclude", "conclude", "decide", "conclude"]);
});

describe("a settlement with a case", () => {
  const slashed = event("LotSlashed", {
    lotId,
    collateral: 10_000n,
    compensation: 900n,
    bounty: 100n,
    cost: 5n,
  });
  /** Both in one transaction, as the court's conclusion slashes; sent by whoever came first. */
  const inOne = (...logs: MarketLog[]) =>
    logs.map((log) => ({ ...log, transactionHash: word(1_000) }) as MarketLog);

  test("the bounty is the challenger's, whoever concluded the case", () => {
    const logs = [...begun, challenged(), ...inOne(concluded(3, 10n), slashed)];
    const gasOf = () => ({ from: address(55), gasUsed: 1n });

    const { compensation, bonds } = settle(logs, { buyer, gasOf });

    expect(compensation).toBe(1_000n);
    expect(bonds).toEqual({ staked: 10n, returned: 10n });
  });

  test("a bond that was lost did not come back", () => {
    const logs = [...begun, challenged(), concluded(1, 0n)];

    const { bonds } = settle(logs, { buyer, gasOf: () => ({ from: buyer, gasUsed: 1n }) });

    expect(bonds).toEqual({ staked: 10n, returned: 0n });
  });
});
