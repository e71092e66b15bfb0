import { deployments } from "../../ignition/deployments.ts";

/** A vote in 1/64 octaves of R: 64 × log2(R), rounded. */
export type Vote = number;

/** "I could not see the evidence": as the contract encodes it, below every number. */
export const NO_EVIDENCE: Vote = -32_768;

/** The least number: the one between stands for those who reveal none. */
export const LEAST_VOTE: Vote = -32_766;

/** The numbers of the court. Amounts are in juror fees. */
export interface Rules {
  /** Jurors of the first jury and of each appeal. */
  sizes: readonly number[];
  /** The first bond of a challenger. */
  bondFees: number;
  /** What an absent or penalised juror loses. */
  penaltyFees: number;
  /** How far from the final median a vote is still paid. */
  band: number;
  /** At or below: nothing wrong. */
  zoneLow: Vote;
  /** At or above: a fault. */
  zoneHigh: Vote;
  /** How often a jury without a quorum is drawn again. */
  redraws: number;
  /**
   * Short of a majority, votes without evidence are left out of the median, or count for the side that did not owe the
   * evidence.
   */
  noEvidence: "leftOut" | "againstWhoOwedIt";
  /** Votes off the verdict's side and further than this from the final median are penalised, also in the zone. */
  far: number;
}

/** What an absent or penalised juror loses, in fees, where a seat stakes so many: a fifth, rounded down, and four at least. */
export const penaltyFeesOf = (stakeFees: number): number => Math.max(4, Math.floor(stakeFees / 5));

const { seatStake, jurorFee, minSeats } = deployments.base.courtParameters;
/** Of the deployments that hold money. */
export const STAKE_FEES = Number(seatStake) / Number(jurorFee);
export const MIN_SEATS: number = minSeats;

export const courtRules: Rules = {
  sizes: [5, 11, 23],
  bondFees: 10,
  penaltyFees: penaltyFeesOf(STAKE_FEES),
  band: 32,
  zoneLow: -64,
  zoneHigh: 37,
  redraws: 2,
  noEvidence: "againstWhoOwedIt",
  far: 128,
};
