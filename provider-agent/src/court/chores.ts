import { type CaseState, courtAbi, jurySizes } from "@millrace/protocol";
import { encodeFunctionData, type Hex } from "viem";
import type { Chain } from "../chain/chain.ts";
import type { Transactions } from "../chain/transactions.ts";
import { type AgentError, isRevert } from "../errors.ts";
import type { CourtReader } from "./courtReader.ts";

/** What moves a case on and anyone may do. */
export interface Chore {
  what: "draw" | "decide" | "conclude";
  /** The first second in which it can be done, as far as the case's state tells. */
  from: number;
}

/**
 * What anyone may do for a case, if it stands still. Whoever it serves does it first; jurors and the provider see to it
 * when nobody does, as nobody is paid before the case is over.
 *
 * @param isRevealed whether every vote of the present jury is revealed
 */
export function choreOf(state: CaseState, { now, isRevealed }: { now: number; isRevealed: boolean }): Chore {
  const { status, deadline, phaseSeconds, round } = state;
  const since = deadline - phaseSeconds;
  switch (status) {
    case "drawing":
      return now <= deadline ? { what: "draw", from: since } : { what: "conclude", from: deadline + 1 };
    case "commit":
      return { what: "decide", from: deadline + phaseSeconds + 1 };
    case "reveal":
      return { what: "decide", from: isRevealed ? since : deadline + 1 };
    case "answer":
      return { what: "conclude", from: deadline + phaseSeconds + 1 };
    case "decided":
      return { what: "conclude", from: round + 1 === jurySizes.length ? since : deadline + 1 };
    case "failed":
      return { what: "conclude", from: since };
    case "none":
    case "demanded":
    case "answered":
    case "evidence":
    case "keys":
      return { what: "conclude", from: deadline + 1 };
  }
}

/**
 * How long to leave a chore to those whom it serves more, for two who do it pay for gas twice.
 *
 * @param rank 0 for the provider, from 1 for jurors by their place
 */
export function patienceSeconds({ phaseSeconds }: CaseState, rank: number): number {
  return Math.min(MOST_PATIENCE_SECONDS, Math.ceil(phaseSeconds / 20)) * (1 + rank);
}

const MOST_PATIENCE_SECONDS = 300;

/**
 * Does a chore. That somebody else was faster, or that it is too early after all, is no failure.
 *
 * @returns whether it was done now
 * @throws AgentError those of sending a transaction, but for reverts
 */
export async function doChore(
  { chain, court, transactions }: { chain: Chain; court: CourtReader; transactions: Transactions },
  lotId: Hex,
  { what }: Chore,
): Promise<boolean> {
  const send = async (purpose: string, data: Hex): Promise<AgentError | undefined> => {
    try {
      await transactions.send(() => ({ to: court.address, data, purpose }));
      return undefined;
    } catch (error) {
      if (isRevert(error)) return error;
      throw error;
    }
  };
  if (what === "decide") {
    const data = encodeFunctionData({ abi: courtAbi, functionName: "decide", args: [lotId] });
    return (await send("the counting of votes", data)) === undefined;
  }
  const lot = await chain.lot(lotId);
  if (!lot) return false;
  if (what === "conclude") {
    const data = encodeFunctionData({ abi: courtAbi, functionName: "conclude", args: [lot] });
    return (await send("the end of a case", data)) === undefined;
  }
  const job = await chain.job(lot.jobId);
  if (!job) return false;
  const data = encodeFunctionData({ abi: courtAbi, functionName: "draw", args: [job, lot] });
  const refusal = await send("the draw of a jury", data);
  if (refusal?.revert !== "Court_NoEntropy") return refusal === undefined;
  // Not there yet, or gone; which of them, the court says.
  const again = encodeFunctionData({ abi: courtAbi, functionName: "rearm", args: [lotId] });
  return (await send("another draw of a jury", again)) === undefined;
}
