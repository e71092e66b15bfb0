import { courtAbi } from "@millrace/protocol";
import { type Address, encodeFunctionData, type Hex, parseEventLogs } from "viem";
import type { Transactions } from "../chain/transactions.ts";
import type { CourtReader } from "../court/courtReader.ts";
import { AgentError } from "../errors.ts";

/**
 * Takes a seat for a model, with the stake of the version in force out of the owner's account.
 *
 * @param voter acts for the seat. The transactions' key has to be the owner's, or that of a buyer operator of theirs.
 * @returns the seat's number
 * @throws AgentError those of sending a transaction
 */
export async function takeSeat(
  court: CourtReader,
  transactions: Transactions,
  {
    owner,
    voter,
    modelId,
    encryptionKey,
  }: { owner: Address; voter: Address; modelId: Hex; encryptionKey: Hex },
): Promise<number> {
  const receipt = await transactions.send(() => ({
    to: court.address,
    data: encodeFunctionData({
      abi: courtAbi,
      functionName: "takeSeat",
      args: [owner, voter, modelId, encryptionKey],
    }),
    purpose: "the taking of a seat",
  }));
  const logs = receipt?.logs ?? [];
  const [taken] = parseEventLogs({ abi: courtAbi, eventName: "SeatTaken", logs });
  if (taken) return taken.args.seatId;
  throw new AgentError("The court gave no seat.", { code: "transaction-reverted" });
}

/** Gives a seat up: stake and earnings go to its owner's account. */
export async function leaveSeat(
  court: CourtReader,
  transactions: Transactions,
  seatId: number,
): Promise<void> {
  await transactions.send(() => ({
    to: court.address,
    data: encodeFunctionData({ abi: courtAbi, functionName: "leaveSeat", args: [seatId] }),
    purpose: "the leaving of a seat",
  }));
}

/** Moves what a seat earned to its owner's account. */
export async function collectEarnings(
  court: CourtReader,
  transactions: Transactions,
  seatId: number,
): Promise<void> {
  await transactions.send(() => ({
    to: court.address,
    data: encodeFunctionData({ abi: courtAbi, functionName: "collect", args: [seatId] }),
    purpose: "the collecting of a seat's earnings",
  }));
}
