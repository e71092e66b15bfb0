import { type ParameterField, parameterWords } from "@millrace/client";
import type { CourtParameters } from "@millrace/protocol";

const court: readonly ParameterField[] = [
  "seatStake",
  "jurorFee",
  "minSeats",
  "kappaBps",
  "activationSeconds",
  "phaseSeconds",
] satisfies (keyof CourtParameters)[];

/** All governed numbers, by what they govern. */
export const parameterGroups: readonly {
  title: string;
  kind: "market" | "court";
  fields: readonly ParameterField[];
}[] = [
  {
    title: "The market's",
    kind: "market",
    fields: (Object.keys(parameterWords) as ParameterField[]).filter((field) => !court.includes(field)),
  },
  { title: "The court's", kind: "court", fields: court },
];
