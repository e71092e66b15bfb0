import type { PricePair } from "@millrace/protocol";

/** The prices of a row, as replies have them. */
export const priceOf = (row: {
  promptPricePerMillion: bigint;
  outputPricePerMillion: bigint;
}): PricePair => ({
  promptPricePerMillion: String(row.promptPricePerMillion),
  outputPricePerMillion: String(row.outputPricePerMillion),
});
