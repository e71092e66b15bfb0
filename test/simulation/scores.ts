import type { Random } from "./random.ts";
import { LEAST_VOTE, type Vote } from "./rules.ts";

/** What one provider did, as the spread of R over its items. */
export interface Kind {
  name: string;
  /** R of the least, the median and the most divergent of 120 measured items. */
  least: number;
  median: number;
  most: number;
}

/** Mean gaps of the measured model over its threshold: twice the honest worst of all kernels, 0.0056. */
const ofMeanGaps = (name: string, least: number, median: number, most: number): Kind => ({
  name,
  least: least / MEAN_GAP_THRESHOLD,
  median: median / MEAN_GAP_THRESHOLD,
  most: most / MEAN_GAP_THRESHOLD,
});
const MEAN_GAP_THRESHOLD = 2 * 0.0056;

/** Cheats with their measured mean gaps; the maximum and the fingerprint, which only raise R, are left out. */
export const cheats = [
  ofMeanGaps("Q4_0 weights for Q8_0", 0.071, 0.176, 0.47),
  ofMeanGaps("one layer dropped", 1.06, 1.86, 3.5),
  ofMeanGaps("wrong seed", 0.74, 1.07, 1.5),
  ofMeanGaps("prompt opening removed", 0.001, 0.028, 0.19),
  ofMeanGaps("T = 1.0 for 0.8", 0.003, 0.033, 0.077),
  ofMeanGaps("weights + 2 % noise", 0.0008, 0.01, 0.027),
] as const satisfies Kind[];

/** The cheat that most providers would try: half the memory, nearly twice the speed. */
export const usualCheat: Kind = cheats[0];

/** The extremes of 120 draws lie about this many standard deviations from the median. */
const EXTREME_OF_120 = 2.4;

/**
 * Honest R as two machines see it: median ¼, above ½ once in 840 items, as thresholds of twice the honest worst make
 * it. A half of its variance comes from the item, a half from the pair of machines.
 */
const HONEST_MEDIAN_OCTAVES = -2;
const HONEST_SPREAD_OCTAVES = 1 / 3.04;
/** How often a juror runs the provider's own kernel, and sees next to no divergence. */
const SAME_KERNEL = 0.25;
const SAME_KERNEL_OCTAVES = -8;
/** How often a machine is off by more than its calibration shows, and by how much then. */
const ODD_MACHINE = 0.02;
const ODD_MACHINE_OCTAVES = 1;

/** Votes are cut here: R = 0.35. Below it, honest machines differ by more than the band of those who are paid. */
export const VOTE_FLOOR: Vote = -96;

/** One item of a lot. */
export interface Item {
  /** log2 of what R would be without the juror's own machine; of an honest item, its part of the spread. */
  octaves: number;
  isCheat: boolean;
}

export const honestItem = (random: Random): Item => ({
  octaves: HONEST_MEDIAN_OCTAVES + (random.normal() * HONEST_SPREAD_OCTAVES) / Math.SQRT2,
  isCheat: false,
});

/** An item of a cheat: a normal distribution of log R with a width of its own on each side of the median. */
export function cheatItem(kind: Kind, random: Random): Item {
  const z = random.normal();
  const extreme = z < 0 ? kind.least : kind.most;
  const spread = Math.abs(Math.log2(extreme / kind.median)) / EXTREME_OF_120;
  return { octaves: Math.log2(kind.median) + z * spread, isCheat: true };
}

/** Someone's machine, beside the provider's. */
export interface Machine {
  isProvidersKernel: boolean;
  /** How far its scores are off. */
  offset: number;
}

export const drawMachine = (random: Random): Machine => ({
  isProvidersKernel: random.happens(SAME_KERNEL),
  offset: random.happens(ODD_MACHINE) ? random.normal() * ODD_MACHINE_OCTAVES : 0,
});

/** R of an item as a machine sees it. What machines differ by is added to what a cheat differs by. */
export function scoreOf(item: Item, machine: Machine, random: Random): number {
  const own = (random.normal() * HONEST_SPREAD_OCTAVES) / Math.SQRT2;
  const base = item.isCheat ? HONEST_MEDIAN_OCTAVES : item.octaves;
  const honest = 2 ** (machine.isProvidersKernel ? SAME_KERNEL_OCTAVES : base + own);
  return (honest + (item.isCheat ? 2 ** item.octaves : 0)) * 2 ** machine.offset;
}

/** The number a juror commits to. `floor` null: none but that of the encoding. */
export const quantise = (score: number, floor: Vote | null = VOTE_FLOOR): Vote =>
  Math.max(floor ?? LEAST_VOTE, Math.round(64 * Math.log2(score)));
