import { courtAbi } from "@millrace/protocol";
import { type AbiEvent, getAbiItem } from "viem";
import type { EventLog } from "../watch/marketLogs.ts";

/** The court's events that a juror acts on. */
const courtEvents = [
  "SeatTaken",
  "SeatLeft",
  "SeatSettled",
  "JuryArmed",
  "JuryDrawn",
  "KeysShared",
  "VoteCommitted",
  "RevealOpened",
  "VoteRevealed",
  "JuryFailed",
  "CaseDecided",
  "CaseAppealed",
  "CaseConcluded",
] as const;

export const courtEventAbis: readonly AbiEvent[] = courtEvents.map((name) =>
  getAbiItem({ abi: courtAbi, name }),
);

/** One of these events, decoded. */
export type CourtLog = EventLog<typeof courtAbi, typeof courtEvents>;
