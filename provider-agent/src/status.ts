import type { Offer } from "@millrace/protocol";
import type { Address, Hex } from "viem";
import type { LotStage } from "./lots/lotBook.ts";

/** What an agent tells about itself, as `/status` shows it. Counts are since its start, `earned` is of all time. */
export interface AgentStatus {
  /** Of the agent's own key. */
  address: Address;
  /** Whose account it works for. */
  owner: Address;
  modelId: Hex;
  /** The live offer, if there is one. */
  offer: Offer | undefined;
  sequences: number;
  threads: number;
  /** Measured at start. */
  tokensPerSecond: number;
  lots: { lotId: Hex; stage: LotStage; itemsDone: number; itemsTotal: number }[];
  items: { done: number; failed: number };
  tokens: { in: number; out: number };
  /** Demanded receipts that were shown, as the chain tells. */
  answers: number;
  /** Lots that lost their collateral. */
  slashed: number;
  /** `tokensPerSecond`: output while busy, since the start. */
  engine: { busyMs: number; tokensPerSecond: number };
  gasUsed: bigint;
  /** Base units of the asset. */
  earned: bigint;
  /** Milliseconds since the chain was last read to its head. */
  chainBehindMs: number;
}

/** The status as JSON, amounts as decimal strings. */
export function formatStatus(status: AgentStatus): string {
  return JSON.stringify(status, (_, value) => (typeof value === "bigint" ? value.toString() : value));
}
