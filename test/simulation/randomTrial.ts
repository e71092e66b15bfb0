import type { CaseKind } from "./payout.ts";
import type { Random } from "./random.ts";
import { NO_EVIDENCE } from "./rules.ts";
import { drawerOf, type Trial } from "./trial.ts";
import type { Ballot } from "./votes.ts";

/** Votes about every line of the rules: below a fault, and of one. */
const VOTES = [
  [-32_766, -97, -96, -65, -64, -63, -32, 0, 31, 32, 33, 36],
  [37, 38, 69, 70, 128, 129, 164, 165, 250, 300, 32_767],
] as const;

/** One ballot: of a jury whose moods differ, so that every verdict and every lack of one comes about. */
export function randomBallot(random: Random, mood: { absent: number; blind: number; fault: number }): Ballot {
  if (random.happens(mood.absent)) return null;
  if (random.happens(mood.blind)) return NO_EVIDENCE;
  const votes = VOTES[random.happens(mood.fault) ? 1 : 0];
  return votes[random.below(votes.length)]!;
}

/** A jury's ballots. */
export function randomBallots(size: number, random: Random): Ballot[] {
  const mood = {
    absent: random.happens(0.5) ? 0 : random.uniform(),
    blind: random.happens(0.5) ? 0 : random.uniform(),
    fault: random.uniform(),
  };
  return Array.from({ length: size }, () => randomBallot(random, mood));
}

const KINDS = ["audit", "audit", "audit", "item", "delivery"] as const satisfies CaseKind[];

/** A case of jurors who vote anything, in a court of so many seats. */
export function randomTrial(
  { seats, jurorFee, collateral }: { seats: number; jurorFee: bigint; collateral: bigint },
  random: Random,
): Trial {
  const appetite = { challenger: random.happens(0.4), provider: random.happens(0.4) };
  return {
    kind: KINDS[random.below(KINDS.length)]!,
    draw: drawerOf(seats, random),
    ballotsOf: (drawn) => randomBallots(drawn.length, random),
    appeals: (side) => appetite[side],
    jurorFee,
    collateral,
  };
}
