import { courtAbi, faultsAbi, marketAbi } from "@millrace/protocol";
import { type AbiEvent, type ContractEventName, getAbiItem, type ParseEventLogsReturnType } from "viem";

/** The events that the agent acts on: of the Market, of Faults, and of the Court. */
const marketEvents = [
  "JobOpened",
  "JobToppedUp",
  "LotAssigned",
  "LotReleased",
  "LotExpired",
  "LotSlashed",
  "LotToppedUp",
  "LotHeld",
  "LotResumed",
  "LotSettled",
] as const;
const faultsEvents = ["ReceiptAnswered"] as const;
/** What may ask something of a lot's provider. */
const courtEvents = [
  "DeliveryDemanded",
  "CaseOpened",
  "JuryArmed",
  "JuryDrawn",
  "CaseDecided",
  "CaseConcluded",
] as const;

export const marketEventAbis: readonly AbiEvent[] = [
  ...marketEvents.map((name) => getAbiItem({ abi: marketAbi, name })),
  ...faultsEvents.map((name) => getAbiItem({ abi: faultsAbi, name })),
  ...courtEvents.map((name) => getAbiItem({ abi: courtAbi, name })),
];

/** One of these events of a contract, decoded. */
export type EventLog<
  Abi extends typeof marketAbi | typeof faultsAbi | typeof courtAbi,
  Names extends readonly ContractEventName<Abi>[],
> = ParseEventLogsReturnType<Abi, [...Names], true>[number];

export type MarketLog =
  | EventLog<typeof marketAbi, typeof marketEvents>
  | EventLog<typeof faultsAbi, typeof faultsEvents>
  | EventLog<typeof courtAbi, typeof courtEvents>;
