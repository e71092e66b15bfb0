import type { CaseRecord, Jury, Side } from "./payout.ts";
import type { Random } from "./random.ts";
import type { Rules } from "./rules.ts";
import { type Ballot, type Decision, decide, noVerdict } from "./votes.ts";

/** A case, and who sits in the court. */
export interface Trial {
  /** How many may be drawn. */
  seats: number;
  /** What drawn jurors reveal, by place. */
  ballotsOf(drawn: readonly number[]): Ballot[];
  jurorFee: bigint;
  collateral: bigint;
  /** Who appeals a verdict against them. */
  appeals: Readonly<Record<Side, boolean>>;
}

/** Runs a case from the challenge to the last verdict. */
export function runTrial(trial: Trial, rules: Rules, random: Random): CaseRecord {
  const { jurorFee, collateral, appeals } = trial;
  const left = Array.from({ length: trial.seats }, (_, seat) => seat);
  const juries: Jury[] = [];
  const bonds: CaseRecord["bonds"][number][] = [
    { by: "challenger", amount: jurorFee * BigInt(rules.bondFees) },
  ];
  let final = noVerdict;

  for (const size of rules.sizes) {
    const decision = sit(size);
    if (decision === null) break;
    final = decision;
    const loser: Side = final.verdict === "fault" ? "provider" : "challenger";
    const next = rules.sizes[rules.sizes.indexOf(size) + 1];
    if (next === undefined || !appeals[loser]) break;
    bonds.push({ by: loser, amount: jurorFee * BigInt(next) });
  }
  return { juries, bonds, final, jurorFee, collateral };

  /** Draws juries of a size until one decides. Null: none does. */
  function sit(size: number): Decision | null {
    for (let draw = 0; draw <= rules.redraws; draw++) {
      // Nobody is drawn where there are too few, and the case ends when the time for it does.
      if (left.length < size) return null;
      const drawn = Array.from({ length: size }, () => left.splice(random.below(left.length), 1)[0]!);
      const ballots = trial.ballotsOf(drawn);
      const decision = decide(ballots, false, rules);
      const isJudged = decision.verdict !== "none";
      juries.push({ seats: drawn, ballots, isJudged });
      if (isJudged) return decision;
    }
    return null;
  }
}
