import { afterAll, describe, expect, test } from "vitest";
import { JUROR_FEE, SEAT_STAKE } from "./contracts.ts";
import { type Balances, type Played, startCourtChain } from "./courtChain.ts";
import { fineOf } from "./lots.ts";
import { type CaseRecord, minimum, type Payout, payOut, type Side } from "./payout.ts";
import { createRandom } from "./random.ts";
import { randomTrial } from "./randomTrial.ts";
import { courtRules, penaltyFeesOf, type Rules } from "./rules.ts";
import { runTrial } from "./trial.ts";
import { decide, noVerdict } from "./votes.ts";

// docs/economics.md tells what a model of the court does. Here the same thousand cases are told to the model and played
// by the contracts, and every seat and every party has to have the same in the end.

const CASES = 1_000;
/** Too few for a second jury, for a third, and enough for three with redraws. */
const COURTS = [12, 30, 90];
/** What a seat stakes: for the least penalty, and for one of a fifth of it, rounded down. */
const STAKES = [20n * JUROR_FEE, 65n * JUROR_FEE - 1n];
const SEATS = COURTS.reduce((sum, seats) => sum + seats);
const BPS = 10_000n;

const random = createRandom(4);
const chain = await startCourtChain();
afterAll(() => chain[Symbol.asyncDispose]());
const courts: Awaited<ReturnType<typeof chain.openCourt>>[] = [];
for (const seats of COURTS) courts.push(await chain.openCourt(seats));

interface Pair {
  rules: Rules;
  record: CaseRecord;
  payout: Payout;
  played: Played;
}
const pairs: Pair[] = [];
for (const stake of STAKES) {
  await chain.setSeatStake(stake);
  const rules = { ...courtRules, penaltyFees: penaltyFeesOf(Number(stake) / Number(JUROR_FEE)) };
  for (let i = 0; i < CASES / STAKES.length; i++) {
    const court = random.below(COURTS.length);
    const collateral = JUROR_FEE * 10n + BigInt(random.below(Number(JUROR_FEE) * 50));
    const trial = randomTrial({ seats: COURTS[court]!, jurorFee: JUROR_FEE, collateral }, random);
    const record = runTrial(trial, rules);
    const payout = payOut(record, rules);
    pairs.push({ rules, record, payout, played: await chain.play(courts[court]!, record, random) });
  }
}

/** What everyone has more or less by what the model pays, and what the Market does with the lot. */
function changesBy({ record, payout, played: { lot } }: Pair): Balances {
  const { kind, final, bonds, jurorFee } = record;
  const bonded = (side: Side) => bonds.reduce((sum, { by, amount }) => sum + (by === side ? amount : 0n), 0n);
  const changes = { buyer: 0n, auditor: 0n, provider: 0n, vault: payout.vault, locked: 0n };
  const challenger = kind === "delivery" ? "buyer" : "auditor";
  changes[challenger] += payout.challenger - bonded("challenger");
  changes.provider += payout.provider - bonded("provider");
  if (kind === "delivery") {
    // The prepaid answer.
    changes.buyer -= jurorFee;
    changes.provider += jurorFee;
  }
  if (final.verdict !== "fault") return changes;

  changes.locked -= lot.collateral;
  const left = lot.collateral - payout.cost;
  if (kind === "item") {
    const fine = fineOf(left);
    changes.buyer += lot.escrow;
    changes.provider += left - fine;
    changes.vault += fine;
  } else {
    const penalty = minimum(lot.penalty, left);
    const bounty = (penalty * BigInt(lot.bountyBps)) / BPS;
    changes.buyer += penalty - bounty;
    changes[challenger] += bounty;
    changes.vault += left - penalty;
  }
  return changes;
}

/** Who gets what by other rules where the same votes are cast. */
function payOutBy(rules: Rules, record: CaseRecord): Payout {
  const last = record.juries.findLast(({ isJudged }) => isJudged);
  const final = last === undefined ? noVerdict : decide(last.ballots, record.kind === "delivery", rules);
  return payOut({ ...record, final }, rules);
}

describe(`${CASES} random cases`, () => {
  test("have every verdict, every round, and every lack of a jury", () => {
    const kinds = new Set(pairs.map(({ record: { final, kind } }) => `${kind} ${final.verdict}`));
    expect(kinds.size).toBe(12);
    const rounds = new Set(pairs.map(({ record: { bonds } }) => `${bonds.length} ${bonds.at(-1)!.isVoid}`));
    expect([...rounds].sort()).toEqual(["1 false", "2 false", "2 true", "3 false", "3 true"]);
    expect(Math.max(...pairs.map(({ record }) => record.juries.length))).toBeGreaterThan(4);
  });

  test("end in the model's verdict", () => {
    expect(pairs.filter(({ record, played }) => record.final.verdict !== played.verdict)).toEqual([]);
  });

  test("draw no seat twice", () => {
    for (const { played } of pairs) {
      const seats = played.juries.flat();
      expect(new Set(seats).size).toBe(seats.length);
    }
  });

  test("leave each seat with what the model says", async () => {
    const expected = new Map(Array.from({ length: SEATS }, (_, i) => [i + 1, 0n]));
    for (const { record, payout, played } of pairs) {
      record.juries.forEach(({ seats }, jury) => {
        seats.forEach((seat, place) => {
          const id = played.juries[jury]![place]!;
          expected.set(id, expected.get(id)! + payout.seats.get(seat)!);
        });
      });
    }
    expect(await chain.seatChanges()).toEqual(expected);
  });

  test("leave each party with what the model says", () => {
    for (const pair of pairs) expect(pair.played.changes, pair.record.kind).toEqual(changesBy(pair));
  });

  test("leave the court nothing but its seats' stakes and earnings", async () => {
    const changes = [...(await chain.seatChanges()).values()].reduce((sum, change) => sum + change, 0n);
    expect(await chain.courtFree()).toBe(BigInt(SEATS) * SEAT_STAKE + changes);
  });

  test.each<[string, Partial<Rules>]>([
    ["a lesser penalty", { penaltyFees: penaltyFeesOf(60) - 1 }],
    ["a greater penalty", { penaltyFees: penaltyFeesOf(60) + 1 }],
    ["a narrower band", { band: 31 }],
    ["a wider band", { band: 33 }],
    ["a lower line of faults", { zoneHigh: 36 }],
    ["a higher line of faults", { zoneHigh: 38 }],
    ["a lower line of rejections", { zoneLow: -65 }],
    ["a higher line of rejections", { zoneLow: -63 }],
    ["a nearer distance that is penalised", { far: 127 }],
    ["a farther distance that is penalised", { far: 129 }],
    ["votes without evidence left out", { noEvidence: "leftOut" }],
  ])("would tell %s", (_, change) => {
    const isTold = pairs.some(({ rules, record, payout }) => {
      const other = payOutBy({ ...rules, ...change }, record);
      const seats = [...payout.seats].some(([seat, amount]) => other.seats.get(seat) !== amount);
      return seats || other.provider !== payout.provider || other.vault !== payout.vault;
    });
    expect(isTold).toBe(true);
    // The rules as they are tell nothing.
    for (const { rules, record, payout } of pairs) expect(payOutBy(rules, record)).toEqual(payout);
  });
});
