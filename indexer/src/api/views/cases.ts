import type { courtCase, jurorVote, jury } from "ponder:schema";
import type { CaseDetail, CaseSummary, CaseVerdict } from "@millrace/protocol";
import { type Address, getAddress, type Hex, zeroAddress } from "viem";

type CaseRow = typeof courtCase.$inferSelect;
type JuryRow = typeof jury.$inferSelect;
type VoteRow = typeof jurorVote.$inferSelect;

export function caseView(row: CaseRow): CaseSummary {
  return {
    caseId: row.caseId,
    // As the handlers write them; so is the verdict.
    kind: row.kind as CaseSummary["kind"],
    lotId: row.lotId,
    jobId: row.jobId,
    modelId: row.modelId,
    buyer: getAddress(row.buyer),
    provider: getAddress(row.provider),
    challenger: getAddress(row.challenger),
    ...(row.index !== null && { index: row.index }),
    phase: row.phase,
    ...(row.deadline !== null && { deadline: row.deadline }),
    round: row.round,
    bond: String(row.bond),
    ...(row.verdict !== null && { verdict: row.verdict as CaseVerdict }),
    openedAt: row.openedAt,
    ...(row.endedAt && { endedAt: row.endedAt }),
  };
}

/** @param votes Of all juries of the case. */
export function juryView(
  drawn: JuryRow,
  votes: readonly VoteRow[],
  ownerOf: ReadonlyMap<number, Hex>,
): CaseDetail["juries"][number] {
  const { round, redraws, seatIds, median, verdict } = drawn;
  const byPlace = new Map(
    votes
      .filter((vote) => vote.round === round && vote.redraws === redraws)
      .map((vote) => [vote.place, vote]),
  );
  return {
    round,
    redraws,
    seats: seatIds.map((seatId, place) => {
      const vote = byPlace.get(place);
      const owner: Address = getAddress(ownerOf.get(seatId) ?? zeroAddress);
      return {
        seatId,
        owner,
        committed: vote !== undefined,
        ...(vote && vote.vote !== null && { vote: vote.vote }),
      };
    }),
    ...(median !== null && { median }),
    ...(verdict !== null && { verdict: verdict as CaseVerdict }),
  };
}
