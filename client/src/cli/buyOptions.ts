import { parseAmount } from "@millrace/protocol";
import { type Command, InvalidArgumentError } from "commander";
import type { BuyOptions } from "../quote/quote.ts";

/** Flags as commander names them. */
export interface BuyFlags {
  model?: string;
  limitPrompt?: bigint;
  limitOutput?: bigint;
  turnaround?: number;
  ramp?: number;
  lotItems?: number;
  openingShare?: number;
}

/** The flags that say how a batch is bought. */
export function withBuyOptions(command: Command): Command {
  return command
    .option("--model <name>", "name or id of a model for all requests (default: what each names)")
    .option("--limit-prompt <price>", "most to pay per million prompt tokens (default: see docs)", price)
    .option("--limit-output <price>", "most to pay per million output tokens (default: see docs)", price)
    .option("--turnaround <seconds>", "how long a provider may take for a lot (default: 3600)", seconds)
    .option(
      "--ramp <seconds>",
      "how long the bid takes to rise to the limit (default: turnaround / 60)",
      seconds,
    )
    .option("--lot-items <n>", "requests in a lot (default: about six lots for each provider)", count)
    .option("--opening-share <share>", "how much is given away at once, 0 to 1 (default: 0.5)", share);
}

export function buyOptionsOf(flags: BuyFlags): BuyOptions {
  const { model, limitPrompt, limitOutput, turnaround, ramp, lotItems, openingShare } = flags;
  return {
    ...(model !== undefined && { model }),
    ...(limitPrompt !== undefined && { promptLimitPerMillion: limitPrompt }),
    ...(limitOutput !== undefined && { outputLimitPerMillion: limitOutput }),
    ...(turnaround !== undefined && { turnaroundSeconds: turnaround }),
    ...(ramp !== undefined && { rampSeconds: ramp }),
    ...(lotItems !== undefined && { lotItems }),
    ...(openingShare !== undefined && { openingShare }),
  };
}

/** An amount of the asset, as `12.5`. */
export function price(text: string): bigint {
  try {
    return parseAmount(text);
  } catch {
    throw new InvalidArgumentError("Write a number such as 12.5, with at most 6 decimal places.");
  }
}

export function seconds(text: string): number {
  return count(text);
}

export function count(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("Write a whole number, at least 1.");
  return Number(text);
}

function share(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0 && value <= 1)) {
    throw new InvalidArgumentError("Write a number between 0 and 1.");
  }
  return value;
}
