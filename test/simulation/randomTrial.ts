import type { CaseKind } from "./payout.ts";
import type { Random } from "./random.ts";
import { NO_EVIDENCE } from "./rules.ts";
import { drawerOf, type Trial } from "./trial.ts";
import type { Ballot } from "./votes.ts";

/** Votes about every line of the rules, and none. */
const VOTES = [-32_766, -97, -96, -65, -64, -63, -32, 0, 36, 37, 38, 69, 70, 164, 165, 250, 300, 32_767];

/** One ballot: of a jury whose moods differ, so that every verdict and every lack of one comes about. */
export function randomBallot(random: Random, mood: { absent: number; blind: number; fault: number }): Ballot {
  if (random.happens(mood.absent)) return null;
  if (random.happens(mood.blind)) return NO_EVIDENCE;
  const half = VOTES.length / 2;
  return VOTES[random.below(half) + (random.happens(mood.fault) ? half : 0)]!;
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
