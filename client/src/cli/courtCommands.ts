import { type Command, InvalidArgumentError } from "commander";
import { type Hex, isHex } from "viem";
import type { BatchCase } from "../court/listCases.ts";
import { clientOf } from "./client.ts";
import { amount, printJson, printTable, short } from "./print.ts";

export function addCourtCommands(program: Command): void {
  program
    .command("cases")
    .description("Show what the court looks at, or has looked at, of the batches kept here.")
    .argument("[lot]", "only of this lot: its id, or how that begins", lotId)
    .option("--json", "print JSON")
    .action(async (lot: Hex | undefined, { json }: { json?: boolean }, command: Command) => {
      const millrace = await clientOf(command);
      const cases = await millrace.cases.list(lot === undefined ? {} : { lotId: lot });
      if (json) return printJson(cases);
      if (cases.length === 0) return console.log("There are no cases.");
      printTable(["lot", "about", "provider", "stands", "until", "verdict", "bonds"], cases.map(rowOf));
      if (lot !== undefined) for (const one of cases) printHistory(one);
    });
}

function rowOf({ lotId, firstItem, index, kind, provider, phase, deadline, ...rest }: BatchCase): string[] {
  const { verdict, ending, bonds } = rest;
  return [
    short(lotId),
    kind === "delivery" ? "its delivery" : `request ${firstItem + index + 1}`,
    short(provider),
    phase,
    phase === "concluded" ? "" : new Date(deadline * 1_000).toISOString(),
    ending?.verdict ?? verdict ?? "",
    amount(bonds),
  ];
}

function printHistory({ history }: BatchCase): void {
  for (const news of history) {
    switch (news.type) {
      case "delivery-demanded":
        console.log("- the results were demanded once more");
        break;
      case "case-opened":
        console.log(`- opened, with a bond of ${amount(news.bond)}`);
        break;
      case "jury-drawn":
        console.log(`- jurors ${news.seatIds.join(", ")} were drawn`);
        break;
      case "verdict":
        console.log(`- the jury said ${news.verdict}, median ${news.median}`);
        break;
      case "case-appealed":
        console.log("- appealed");
        break;
      case "case-concluded":
        console.log(`- over: ${news.verdict}, ${amount(news.returned)} returned`);
        break;
    }
  }
}

function lotId(text: string): Hex {
  if (isHex(text) && text.length <= 66) return text;
  throw new InvalidArgumentError("Write a lot's id, such as 0x12ab.");
}
