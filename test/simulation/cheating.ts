import { challengeWorst, cheatedItem, type Strategy, vote } from "./jurors.ts";
import type { Random } from "./random.ts";
import { courtRules } from "./rules.ts";
import { honestItem, quantise } from "./scores.ts";
import { decide } from "./votes.ts";

/** Shares of a lot's items that a cheat computes cheaply. */
export const FRACTIONS = [0.01, 0.05, 0.1, 0.2, 0.5, 1] as const;
/** Items that a client re-scores. */
export const SAMPLES = [1, 4, 8, 21, 44, 128] as const;
/** What a provider loses itself, beside its pay: its collateral; of a backed lot a quarter of that. In lot values. */
export const COLLATERALS = [0.25, 0.5, 1, 2, 9] as const;
/** What a cheat saves of an item's price: next to everything. */
export const SAVED = 0.9;

const LOTS = 200;
const LOT_ITEMS = 1_000;

/** Chances of being slashed, by `fraction` and `samples`. */
export interface Caught {
  fraction: number;
  samples: number;
  /** 1 − (1 − f)^k. */
  formula: number;
  /** Through a client that scores and a court of honest jurors. */
  simulated: number;
}

export interface Cheating {
  cases: number;
  caught: Caught[];
}

/** What a cheat gains on average, in lot values: the work it saves, less pay and collateral where it is caught. */
export const netGain = (fraction: number, caught: number, collateral: number): number =>
  SAVED * fraction - caught * (1 + collateral);

/** The least share of a provider's lots that must be audited, so that no cheat gains. Above 1: none is enough. */
export const leastAudited = (collateral: number): number => SAVED / (1 + collateral);

export const caughtByFormula = (fraction: number, samples: number): number => 1 - (1 - fraction) ** samples;

export function measureCheating(random: Random): Cheating {
  let cases = 0;
  const jury = Array.from({ length: courtRules.sizes[0]! }, (): Strategy => "honest");
  const caught = FRACTIONS.flatMap((fraction) =>
    SAMPLES.map((samples): Caught => {
      let slashed = 0;
      for (let i = 0; i < LOTS; i++) if (isSlashed(fraction, samples)) slashed += 1;
      return {
        fraction,
        samples,
        formula: caughtByFormula(fraction, samples),
        simulated: slashed / LOTS,
      };
    }),
  );
  return { cases, caught };

  function isSlashed(fraction: number, samples: number): boolean {
    // Which items it is does not matter: the audit set is drawn from all, with replacement.
    const cheated = Math.round(fraction * LOT_ITEMS);
    const items = Array.from({ length: Math.max(4, samples) }, () =>
      random.below(LOT_ITEMS) < cheated ? cheatedItem(random) : honestItem(random),
    );
    const challenge = challengeWorst(items.slice(0, samples), random);
    const claim = quantise(challenge.score);
    if (claim < courtRules.zoneHigh) return false;
    cases += 1;
    const judged = samples < 4 ? items : challenge.items;
    const dispute = { items: judged, isCheat: true, claim };
    return decide(vote(jury, dispute, courtRules, random), false, courtRules).verdict === "fault";
  }
}
