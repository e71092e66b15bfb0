import type { Random } from "./random.ts";
import { NO_EVIDENCE, type Rules, type Vote } from "./rules.ts";
import { cheatItem, drawMachine, type Item, quantise, scoreOf, usualCheat } from "./scores.ts";
import type { Ballot } from "./votes.ts";

/** What jurors may do. A bribed one works for the side that is wrong. */
export const strategies = [
  /** Scores the items on its own machine. */
  "honest",
  /** Computes nothing, and votes for the usual fault. */
  "lazyFault",
  /** Computes nothing, and votes for no fault. */
  "lazyClean",
  /**
   * Computes nothing, and votes what another juror of its jury says. Commitments name their seat, so that one cannot be
   * copied, and votes are sealed until all are in: hearsay is all there is. Where the other computes nothing either, the
   * challenger's claim.
   */
  "copying",
  /** Votes for the opposite of what is true. */
  "bribed",
  /** Votes just below a fault where there is one: with the wrong provider, but never on the opposite side. */
  "bribedZone",
  /** Says that it has seen no evidence where there is a fault: never penalised. */
  "bribedNoEvidence",
  /** A seat of a challenger who is wrong, and sends a part of the others keys that open nothing. */
  "withholding",
  /** Never reveals. */
  "absent",
] as const;
export type Strategy = (typeof strategies)[number];

/** What the jury is asked. */
export interface Dispute {
  /** The challenged item and the next three of the audit set. */
  items: readonly Item[];
  /** Whether there is a fault. */
  isCheat: boolean;
  /** What the challenger says. */
  claim: Vote;
}

/** What those vote who want a fault and have none. */
export const USUAL_FAULT: Vote = quantise(usualCheat.median);

/** The number that a juror with the evidence comes to: of the item alone where it decides, else of all four. */
export function judge(items: readonly Item[], rules: Rules, random: Random, floor?: Vote | null): Vote {
  const machine = drawMachine(random);
  const scores = items.map((item) => scoreOf(item, machine, random));
  const alone = quantise(scores[0]!, floor);
  if (alone <= rules.zoneLow || alone >= rules.zoneHigh) return alone;
  return quantise(scores.reduce((sum, score) => sum + score, 0) / scores.length, floor);
}

/** What a jury of these strategies reveals, by place. */
export function vote(
  jury: readonly Strategy[],
  dispute: Dispute,
  rules: Rules,
  random: Random,
  floor?: Vote | null,
): Ballot[] {
  const blind = blindPlaces(jury, dispute, random);
  const bribe = dispute.isCheat ? quantise(2 ** -3, floor) : USUAL_FAULT;
  const honest = () => judge(dispute.items, rules, random, floor);

  const say = (strategy: Strategy, place: number): Ballot => {
    switch (strategy) {
      case "honest":
        return blind.has(place) ? NO_EVIDENCE : honest();
      case "lazyFault":
        return USUAL_FAULT;
      case "lazyClean":
        return quantise(2 ** -3, floor);
      case "bribed":
        return bribe;
      case "bribedZone":
        return dispute.isCheat ? rules.zoneHigh - 1 : bribe;
      case "bribedNoEvidence":
        return dispute.isCheat ? NO_EVIDENCE : bribe;
      case "withholding":
        return dispute.isCheat ? honest() : bribe;
      case "copying":
      case "absent":
        return null;
    }
  };
  const said = jury.map(say);
  return jury.map((strategy, place) => {
    if (strategy !== "copying") return said[place]!;
    const other = (place + 1 + random.below(jury.length - 1)) % jury.length;
    return said[other] ?? dispute.claim;
  });
}

/**
 * The places that a withholding challenger sends nothing that opens: as many as may say so without deciding the case,
 * so that its own seats outvote the few who see.
 */
function blindPlaces(jury: readonly Strategy[], { isCheat }: Dispute, random: Random): Set<number> {
  const own = jury.filter((strategy) => strategy === "withholding").length;
  const seeing = Math.max(0, Math.ceil(jury.length / 2) - own);
  if (own === 0 || isCheat || own <= seeing) return new Set();
  const others = jury.flatMap((strategy, place) => (strategy === "withholding" ? [] : [place]));
  const start = random.below(others.length);
  return new Set(others.filter((_, i) => (i + others.length - start) % others.length >= seeing));
}

/** The worst of so many items, as the challenger's machine sees them, and the three that follow it. */
export function challengeWorst(items: readonly Item[], random: Random): { items: Item[]; score: number } {
  const machine = drawMachine(random);
  const scores = items.map((item) => scoreOf(item, machine, random));
  const worst = scores.indexOf(Math.max(...scores));
  return {
    items: Array.from({ length: 4 }, (_, i) => items[(worst + i) % items.length]!),
    score: scores[worst]!,
  };
}

export const cheatedItem = (random: Random): Item => cheatItem(usualCheat, random);
