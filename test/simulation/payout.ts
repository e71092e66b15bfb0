import type { Rules } from "./rules.ts";
import { type Ballot, type Decision, type Merit, meritOf, noVerdict, type Verdict } from "./votes.ts";

export type Side = "challenger" | "provider";

/** A jury that was drawn and had its time. */
export interface Jury {
  /** By place. */
  seats: readonly number[];
  /** By place. */
  ballots: readonly Ballot[];
  /** Without a quorum nobody is judged by their vote, and the jury is settled at once. */
  isJudged: boolean;
}

export interface Bond {
  by: Side;
  amount: bigint;
  /** Of an appeal that no jury decided: it returns. */
  isVoid: boolean;
}

/** What is in dispute: an item that can slash the lot, one that can only be voided, or whether the lot was delivered. */
export type CaseKind = "audit" | "item" | "delivery";

/** A case that is over. Amounts in base units. */
export interface CaseRecord {
  kind: CaseKind;
  juries: readonly Jury[];
  bonds: readonly Bond[];
  /** Of the last jury with a quorum. */
  final: Decision;
  jurorFee: bigint;
  /** Of the lot: the most that the provider can pay for the jury. */
  collateral: bigint;
}

/** Who gets what. Bonds were paid before: what does not come back is lost. */
export interface Payout {
  /** What each seat earns, less what it loses. */
  seats: ReadonlyMap<number, bigint>;
  challenger: bigint;
  provider: bigint;
  vault: bigint;
  /** Taken from the collateral. */
  cost: bigint;
}

/** What is shared out at the end of a case, in base units. */
export interface Pot {
  verdict: Verdict;
  /** A fault costs both sides the same: of an item that can only be voided. */
  isShared: boolean;
  challengerBonds: bigint;
  providerBonds: bigint;
  fees: bigint;
  penalties: bigint;
}

/** What the court pays when a case is over. What is paid out is always what was put in. */
export function payOut(record: CaseRecord, rules: Rules): Payout {
  const fee = record.jurorFee;
  const penalty = fee * BigInt(rules.penaltyFees);
  const changes: Record<Merit, bigint> = { paid: fee, penalised: -penalty, none: 0n };
  const seats = new Map<number, bigint>();
  let fees = 0n;
  let penalties = 0n;
  /** What juries without a quorum leave: at most half are paid, and each of the others loses more. */
  let rest = 0n;
  for (const { seats: places, ballots, isJudged } of record.juries) {
    const final = isJudged ? record.final : noVerdict;
    ballots.forEach((ballot, place) => {
      const merit = meritOf(ballot, final, rules);
      if (!isJudged) rest -= changes[merit];
      else if (merit === "paid") fees += fee;
      else if (merit === "penalised") penalties += penalty;
      seats.set(places[place]!, changes[merit]);
    });
  }
  const sumOf = (bonds: readonly Bond[]) => bonds.reduce((sum, { amount }) => sum + amount, 0n);
  const bondsOf = (side: Side, isVoid: boolean) =>
    sumOf(record.bonds.filter((bond) => bond.by === side && bond.isVoid === isVoid));
  const pot: Pot = {
    verdict: record.final.verdict,
    isShared: record.kind === "item",
    challengerBonds: bondsOf("challenger", false),
    providerBonds: bondsOf("provider", false),
    fees,
    penalties,
  };
  const cost = minimum(costOf(pot), record.collateral);
  const { challenger, provider, vault } = share(pot, cost);
  return {
    seats,
    cost,
    challenger: challenger + bondsOf("challenger", true),
    provider: provider + bondsOf("provider", true),
    vault: vault + rest,
  };
}

/** What is asked of the provider's collateral: what wrong jurors and the provider's own bonds do not pay. */
export function costOf(pot: Pot): bigint {
  if (pot.verdict !== "fault") return 0n;
  const missing = pot.fees - pot.penalties - pot.providerBonds;
  const cost = missing > 0n ? missing : 0n;
  return pot.isShared ? cost / 2n : cost;
}

/** What is left when jurors are paid. */
export function share(pot: Pot, cost: bigint): Pick<Payout, "challenger" | "provider" | "vault"> {
  const bonds = pot.challengerBonds + pot.providerBonds;
  const rest = bonds + pot.penalties + cost - pot.fees;
  switch (pot.verdict) {
    case "rejected": {
      const provider = minimum(bonds, rest);
      return { challenger: 0n, provider, vault: rest - provider };
    }
    case "fault": {
      const challenger = minimum(pot.challengerBonds, rest);
      return { challenger, provider: 0n, vault: rest - challenger };
    }
    case "inconclusive":
    case "none": {
      // Fees that penalties do not cover are borne by the bonds in proportion.
      const returned = minimum(bonds, rest);
      const challenger = bonds === 0n ? 0n : (pot.challengerBonds * returned) / bonds;
      return { challenger, provider: returned - challenger, vault: rest - returned };
    }
  }
}

/** The lesser of two amounts. */
export const minimum = (a: bigint, b: bigint): bigint => (a < b ? a : b);
