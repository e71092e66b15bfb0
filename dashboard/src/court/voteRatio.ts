import { NO_EVIDENCE } from "@millrace/protocol";

/** Votes count so many steps for each doubling. */
const STEPS_PER_OCTAVE = 64;

/**
 * How far a juror found an item from what honest machines differ by: 1 is the line that the model's tolerance draws.
 *
 * @param vote in 1/64 octaves, as jurors reveal it
 * @returns undefined for who could not get at the evidence
 */
export function voteRatio(vote: number): number | undefined {
  return vote === NO_EVIDENCE ? undefined : 2 ** (vote / STEPS_PER_OCTAVE);
}

/** Writes such a ratio for people: "0.42 ×", "27 ×". */
export function formatRatio(ratio: number | undefined): string {
  if (ratio === undefined) return "no evidence";
  if (ratio >= 1_000) return "over 1,000 ×";
  if (ratio < 0.01) return "under 0.01 ×";
  return `${ratio.toLocaleString("en", { maximumSignificantDigits: ratio < 1 ? 2 : 3 })} ×`;
}
