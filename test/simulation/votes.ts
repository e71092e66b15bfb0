import { NO_EVIDENCE, type Rules, type Vote } from "./rules.ts";

/** What a case ends in; `none`: no jury came together that could decide it. */
export type Verdict = "fault" | "rejected" | "inconclusive" | "none";

/** What a juror revealed; null: nothing. */
export type Ballot = Vote | null;

export interface Decision {
  verdict: Verdict;
  /** The number that votes are measured against; NO_EVIDENCE where that won, null without a verdict. */
  median: Vote | null;
}

/** What a vote is worth in the end. */
export type Merit = "paid" | "penalised" | "none";

export const noVerdict: Decision = { verdict: "none", median: null };

/**
 * What a jury says.
 *
 * @param isDelivery - Whether it is the provider who owed the evidence.
 */
export function decide(ballots: readonly Ballot[], isDelivery: boolean, rules: Rules): Decision {
  const votes = ballots.filter((ballot) => ballot !== null);
  if (votes.length < Math.floor(ballots.length / 2) + 1) return noVerdict;
  const numbers = votes.filter((vote) => vote !== NO_EVIDENCE).sort((a, b) => a - b);
  const without = votes.length - numbers.length;
  const withoutEvidence: Decision = { verdict: isDelivery ? "fault" : "rejected", median: NO_EVIDENCE };
  if (without > votes.length / 2) return withoutEvidence;
  // Of an even number the lower one: what is in doubt is paid.
  let middle = Math.floor((numbers.length - 1) / 2);
  if (rules.noEvidence === "againstWhoOwedIt") {
    middle = Math.floor((votes.length - 1) / 2) - (isDelivery ? 0 : without);
  }
  const median = numbers[middle];
  return median === undefined ? withoutEvidence : { verdict: sideOf(median, rules), median };
}

/** What a ballot of a jury that had a quorum, of any round, is worth in the end. */
export function meritOf(ballot: Ballot, final: Decision, rules: Rules): Merit {
  if (ballot === null) return "penalised";
  if (final.verdict === "none" || final.verdict === "inconclusive") return "paid";
  if (ballot === NO_EVIDENCE) return final.median === NO_EVIDENCE ? "paid" : "none";
  const distance = final.median === NO_EVIDENCE ? null : Math.abs(ballot - final.median!);
  if (distance !== null && distance <= rules.band) return "paid";
  const side = sideOf(ballot, rules);
  if (side === final.verdict) return "none";
  return side !== "inconclusive" || (distance !== null && distance > rules.far) ? "penalised" : "none";
}

function sideOf(vote: Vote, rules: Rules): Verdict {
  if (vote >= rules.zoneHigh) return "fault";
  return vote <= rules.zoneLow ? "rejected" : "inconclusive";
}
