import type { Bond, CaseKind, CaseRecord, Jury, Side } from "./payout.ts";
import type { Random } from "./random.ts";
import type { Rules } from "./rules.ts";
import { type Ballot, type Decision, decide, noVerdict } from "./votes.ts";

/** A case, and who sits in the court. */
export interface Trial {
  kind: CaseKind;
  /** The next jury of a size, by place; no seat twice. Null: there are too few. */
  draw(size: number): readonly number[] | null;
  /** What drawn jurors reveal, by place. */
  ballotsOf(drawn: readonly number[]): Ballot[];
  /** Whether a side appeals a verdict against it. */
  appeals(side: Side): boolean;
  jurorFee: bigint;
  collateral: bigint;
}

/** Runs a case from the challenge to the last verdict. */
export function runTrial(trial: Trial, rules: Rules): CaseRecord {
  const { kind, jurorFee, collateral } = trial;
  const juries: Jury[] = [];
  const bonds: Bond[] = [{ by: "challenger", amount: jurorFee * BigInt(rules.bondFees), isVoid: false }];
  let final = noVerdict;

  for (const size of rules.sizes) {
    const decision = sit(size);
    if (decision === null) {
      // The verdict before stands, if there is one.
      if (bonds.length > 1) bonds.at(-1)!.isVoid = true;
      break;
    }
    final = decision;
    const loser: Side = final.verdict === "fault" ? "provider" : "challenger";
    const next = rules.sizes[rules.sizes.indexOf(size) + 1];
    if (next === undefined || !trial.appeals(loser)) break;
    bonds.push({ by: loser, amount: jurorFee * BigInt(next), isVoid: false });
  }
  return { kind, juries, bonds, final, jurorFee, collateral };

  /** Draws juries of a size until one decides. Null: none does. */
  function sit(size: number): Decision | null {
    for (let time = 0; time <= rules.redraws; time++) {
      const seats = trial.draw(size);
      // Where there are too few, the case ends when the time for the draw does.
      if (seats === null) return null;
      const ballots = trial.ballotsOf(seats);
      const decision = decide(ballots, kind === "delivery", rules);
      const isJudged = decision.verdict !== "none";
      juries.push({ seats, ballots, isJudged });
      if (isJudged) return decision;
    }
    return null;
  }
}

/** Draws juries from so many seats, none twice. */
export function drawerOf(seats: number, random: Random): Trial["draw"] {
  const left = Array.from({ length: seats }, (_, seat) => seat);
  return (size) =>
    left.length < size
      ? null
      : Array.from({ length: size }, () => left.splice(random.below(left.length), 1)[0]!);
}
