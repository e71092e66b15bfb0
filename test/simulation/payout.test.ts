import { describe, expect, test } from "vitest";
import { looserRules } from "./measure.ts";
import { type CaseRecord, type Payout, payOut, type Side } from "./payout.ts";
import { createRandom } from "./random.ts";
import { randomTrial } from "./randomTrial.ts";
import { courtRules, penaltyFeesOf } from "./rules.ts";
import { runTrial } from "./trial.ts";
import type { Verdict } from "./votes.ts";

const CASES = 50_000;

const bondsOf = (record: CaseRecord, side: Side) =>
  record.bonds.reduce((sum, { by, amount }) => sum + (by === side ? amount : 0n), 0n);
const seatsOf = (payout: Payout) => [...payout.seats.values()].reduce((sum, change) => sum + change, 0n);

describe.each([
  ["looser", looserRules],
  ["the court's", courtRules],
  ["the court's, with the least penalty,", { ...courtRules, penaltyFees: penaltyFeesOf(0) }],
])("payOut of random cases under %s rules", (_, rules) => {
  const random = createRandom(7);
  const cases = Array.from({ length: CASES }, () => {
    const seats = 5 + random.below(80);
    const jurorFee = BigInt(1 + random.below(1_000));
    const collateral = BigInt(random.below(50_000));
    const record = runTrial(randomTrial({ seats, jurorFee, collateral }, random), rules);
    return { record, payout: payOut(record, rules) };
  });

  test("has every verdict in every round", () => {
    const seen = new Set(cases.map(({ record }) => `${record.final.verdict} ${record.bonds.length}`));
    const verdicts: Verdict[] = ["fault", "rejected", "inconclusive"];
    const all = verdicts.flatMap((verdict) => [1, 2, 3].map((bonds) => `${verdict} ${bonds}`));
    expect(seen).toEqual(new Set([...all, "none 1"]));
  });

  test("pays out what was put in", () => {
    const wrong = cases.filter(({ record, payout }) => {
      const put = bondsOf(record, "challenger") + bondsOf(record, "provider") + payout.cost;
      return put !== seatsOf(payout) + payout.challenger + payout.provider + payout.vault;
    });
    expect(wrong).toEqual([]);
  });

  test("always has enough for the jurors", () => {
    const short = cases.filter(
      ({ payout }) => payout.challenger < 0n || payout.provider < 0n || payout.vault < 0n,
    );
    expect(short).toEqual([]);
  });

  test("takes no more from a slash than its collateral, and nothing without a fault", () => {
    const wrong = cases.filter(({ record, payout }) =>
      record.final.verdict === "fault" ? payout.cost > record.collateral : payout.cost !== 0n,
    );
    expect(wrong).toEqual([]);
  });

  test("returns a provider that is right its bonds", () => {
    const wrong = cases.filter(
      ({ record, payout }) =>
        record.final.verdict === "rejected" && payout.provider < bondsOf(record, "provider"),
    );
    expect(wrong).toEqual([]);
  });

  test("returns a challenger who is right their bonds where the collateral pays for the jury", () => {
    const wrong = cases.filter(({ record, payout }) => {
      const pays = record.kind !== "item" && payout.cost < record.collateral;
      const isRight = record.final.verdict === "fault" && pays;
      return isRight && payout.challenger !== bondsOf(record, "challenger");
    });
    expect(wrong).toEqual([]);
  });
});

test("shares what no jury decided by what each side bonded", () => {
  const record: CaseRecord = {
    kind: "audit",
    juries: [{ seats: [1, 2, 3], ballots: [0, 0, 0], isJudged: true }],
    bonds: [
      { by: "challenger", amount: 10n, isVoid: false },
      { by: "provider", amount: 11n, isVoid: false },
    ],
    final: { verdict: "inconclusive", median: 0 },
    jurorFee: 1n,
    collateral: 100n,
  };
  expect(payOut(record, courtRules)).toMatchObject({ challenger: 8n, provider: 10n, vault: 0n, cost: 0n });
});
