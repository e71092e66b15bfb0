/** What a GPU owner puts in. Money is in whole units of the asset. */
export interface EarningsInput {
  /** Over a whole batch, the reading of prompts included. */
  outputTokensPerSecond: number;
  /** Read for each token written. */
  promptTokensPerOutputToken: number;
  hoursPerDay: number;
  /** Of those hours, in which there is work: 0 to 1. */
  fill: number;
  promptPricePerMillion: number;
  outputPricePerMillion: number;
  /** What the market keeps of it, in basis points. */
  feeBps: number;
  /** While it works. */
  watts: number;
  pricePerKilowattHour: number;
}

/** A day's, in whole units of the asset. */
export interface Earnings {
  outputTokens: number;
  gross: number;
  fee: number;
  power: number;
  net: number;
}

/** Estimates what a machine earns in a day. Power is counted while it works only: idling, it runs for its owner. */
export function estimateEarnings(input: EarningsInput): Earnings {
  const workHours = input.hoursPerDay * input.fill;
  const outputTokens = input.outputTokensPerSecond * workHours * 3_600;
  const perMillion =
    input.outputPricePerMillion + input.promptTokensPerOutputToken * input.promptPricePerMillion;
  const gross = (outputTokens * perMillion) / 1_000_000;
  const fee = (gross * input.feeBps) / 10_000;
  const power = (input.watts / 1_000) * workHours * input.pricePerKilowattHour;
  return { outputTokens, gross, fee, power, net: gross - fee - power };
}
