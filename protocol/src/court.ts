import { type Address, encodeAbiParameters, type Hex, keccak256, toHex } from "viem";
import { hashWords } from "./words.ts";

// What the Court stores and hashes; see contracts/types/Case.sol and contracts/Juries.sol.

/** The lifecycle of a case, in the contract's order; drawn in contracts/types/Case.sol. */
export const caseStatuses = [
  "none",
  "demanded",
  "answered",
  "answer",
  "evidence",
  "drawing",
  "keys",
  "commit",
  "reveal",
  "decided",
  "failed",
] as const;
export type CaseStatus = (typeof caseStatuses)[number];

export const caseKinds = ["audit", "item", "delivery"] as const;
export type CaseKind = (typeof caseKinds)[number];

export const verdicts = ["none", "rejected", "inconclusive", "fault"] as const;
export type Verdict = (typeof verdicts)[number];

/** The vote of a juror who could not get at the evidence. */
export const NO_EVIDENCE = -32_768;

/** The position that a challenge of an item outside the audit set names. */
export const NOT_IN_AUDIT_SET = 0xffff_ffff;

/** Jurors of the first jury, and of those that appeals go to. */
export const jurySizes = [5, 11, 23] as const;

/** What the court holds a lot for. */
export interface CaseState {
  status: CaseStatus;
  kind: CaseKind;
  /** Of the last jury that decided. */
  verdict: Verdict;
  /** How many appeals there were. */
  round: number;
  /** How often the jury of each round was drawn again. */
  redraws: readonly [number, number, number];
  /** Who bonded the challenge, or demanded the delivery. */
  challenger: Address;
  /** Last second of what the status waits for. */
  deadline: number;
  phaseSeconds: number;
  /** Of this lot, the present one included. */
  challenges: number;
  demands: number;
  /** In base units of the asset. */
  jurorFee: bigint;
  /** What a juror can lose, in fees. */
  penaltyFees: number;
  /** The hash of the block after it decides the draw. */
  armedBlock: bigint;
  /** The challenged item, counted from 0 within the lot. */
  index: number;
}

/** Reads what `docketOf` returns. */
export function unpackDocket({ head, terms }: { head: bigint; terms: bigint }): CaseState {
  const field = (word: bigint, offset: bigint, bits: bigint) =>
    Number((word >> offset) & ((1n << bits) - 1n));
  return {
    challenger: toHex(head & ((1n << 160n) - 1n), { size: 20 }),
    deadline: field(head, 160n, 40n),
    phaseSeconds: field(head, 200n, 24n),
    // The contract writes only those that there are.
    status: caseStatuses[field(head, 224n, 4n)]!,
    kind: caseKinds[field(head, 228n, 2n)]!,
    verdict: verdicts[field(head, 230n, 2n)]!,
    round: field(head, 232n, 2n),
    redraws: [field(head, 234n, 2n), field(head, 236n, 2n), field(head, 238n, 2n)],
    challenges: field(head, 240n, 2n),
    demands: field(head, 242n, 2n),
    jurorFee: terms & ((1n << 96n) - 1n),
    armedBlock: (terms >> 120n) & ((1n << 40n) - 1n),
    index: field(terms, 160n, 32n),
    penaltyFees: field(terms, 200n, 16n),
  };
}

/** Seats drawn for the case before the present jury. */
export function drawnBefore({ round, redraws }: Pick<CaseState, "round" | "redraws">): number {
  let drawn = 0;
  for (let r = 0; r < round; r++) drawn += jurySizes[r]! * (1 + redraws[r]!);
  return drawn + jurySizes[round]! * redraws[round]!;
}

/** Names the present jury of a lot's case. */
export function juryIdOf(lotId: Hex, state: Pick<CaseState, "challenges" | "round" | "redraws">): Hex {
  return hashWords([hashWords([lotId, state.challenges]), drawnBefore(state)]);
}

/** What a juror commits to. */
export function voteCommitmentOf({
  juryId,
  seatId,
  vote,
  salt,
}: {
  juryId: Hex;
  seatId: number;
  /** See `voteOf`. */
  vote: number;
  salt: Hex;
}): Hex {
  const types = [{ type: "bytes32" }, { type: "uint32" }, { type: "int16" }, { type: "bytes32" }] as const;
  return keccak256(encodeAbiParameters(types, [juryId, seatId, vote, salt]));
}
