import { type CourtParameters, formatAmount, type MarketParameters } from "@millrace/protocol";

/** How a governed number is called and counted. */
export interface ParameterWord {
  name: string;
  /** What it does, in a sentence. */
  meaning: string;
  /** `bps`: hundredths of a per cent; `amount`: base units of the asset. */
  unit: "bps" | "seconds" | "amount" | "count";
}

/** How amounts of the asset are written. */
export interface AssetUnit {
  symbol: string;
  decimals: number;
}

export type ParameterField = keyof MarketParameters | keyof CourtParameters;

const word = (unit: ParameterWord["unit"], name: string, meaning: string): ParameterWord => ({
  name,
  meaning,
  unit,
});

/** All governed numbers, in words. */
export const parameterWords: Readonly<Record<ParameterField, ParameterWord>> = {
  feeBps: word("bps", "Fee", "Taken from what a provider earns, for those who stake MILL."),
  collateralBps: word("bps", "Collateral", "What a provider locks for a lot, as a share of its value."),
  penaltyBps: word("bps", "Least penalty", "Of a lot that expires or is slashed, as a share of its value."),
  releaseBps: word("bps", "Release charge", "What giving a lot back costs, as a share of its escrow."),
  bountyBps: word("bps", "Bounty", "The share of a penalty for who expires the lot or proves its fault."),
  graceSeconds: word("seconds", "Grace for the input", "How long a provider may wait for the input."),
  submitGraceSeconds: word(
    "seconds",
    "Grace for late results",
    "How long after its turnaround a lot cannot be expired yet.",
  ),
  windowSeconds: word("seconds", "Window", "How long a buyer may look at results before anyone may settle."),
  bidSeconds: word("seconds", "Life of a bid", "How long a job's items can be claimed after it opened."),
  minLotCollateral: word("amount", "Least collateral", "Of any lot, however small."),
  receiptFee: word("amount", "Price of a receipt", "What a buyer prepays to see a receipt on-chain."),
  answerSeconds: word("seconds", "Time to show a receipt", "How long a provider has for it."),
  seatStake: word("amount", "Stake of a seat", "What a juror puts up for a new seat."),
  jurorFee: word("amount", "Juror's fee", "What a juror earns in one round; bonds are multiples of it."),
  minSeats: word("count", "Least seats", "With fewer jurors of its model a lot is not court-protected."),
  kappaBps: word(
    "bps",
    "Protected value",
    "How much a lot may be worth to be court-protected, as a share of its model's seats' stakes.",
  ),
  activationSeconds: word(
    "seconds",
    "Wait of a new seat",
    "How long after it was taken a seat is drawn first.",
  ),
  phaseSeconds: word(
    "seconds",
    "Time for each step of a case",
    "How long any party has for what it has to do.",
  ),
};

/**
 * Says a number's value with its unit, such as `1.5 %`, `36 hours` or `0.05 USD`.
 *
 * @param symbol of the asset. Default: USD.
 * @param decimals of the asset. Default: 6.
 */
export function wordParameter(
  field: ParameterField,
  value: number | bigint,
  { symbol = "USD", decimals = 6 }: Partial<AssetUnit> = {},
): string {
  const { unit } = parameterWords[field];
  switch (unit) {
    case "bps":
      return `${formatAmount(BigInt(value), 2)} %`;
    case "seconds":
      return wordDuration(Number(value));
    case "amount":
      return `${formatAmount(BigInt(value), decimals)} ${symbol}`;
    case "count":
      return String(value);
    default:
      return unit satisfies never;
  }
}

const DURATIONS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

/** Says a duration exactly, such as `1 day 12 hours`. */
export function wordDuration(seconds: number): string {
  let rest = seconds;
  const parts: string[] = [];
  for (const [name, length] of DURATIONS) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0) parts.push(`${count} ${name}${count === 1 ? "" : "s"}`);
  }
  return parts.join(" ") || "0 seconds";
}
