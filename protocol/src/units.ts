import { formatUnits, parseUnits } from "viem";
import { MillraceError } from "./errors.ts";

/** Prices are stated for so many tokens. */
export const TOKENS_PER_PRICE = 1_000_000n;

/** What tokens cost: ceil((prompt × promptPrice + output × outputPrice) / 10⁶), in base units of the asset. */
export function costUp(
  promptTokens: bigint,
  outputTokens: bigint,
  prices: { promptPricePerMillion: bigint; outputPricePerMillion: bigint },
): bigint {
  const total = promptTokens * prices.promptPricePerMillion + outputTokens * prices.outputPricePerMillion;
  return (total + TOKENS_PER_PRICE - 1n) / TOKENS_PER_PRICE;
}

/**
 * Reads a decimal amount such as `12.5` as base units.
 *
 * @param decimals of the asset. Default: 6.
 * @throws MillraceError `invalid-amount` unless `text` is a plain non-negative decimal with at most so many places.
 */
export function parseAmount(text: string, decimals = 6): bigint {
  const places = /^\d+(?:\.(\d+))?$/.exec(text.trim());
  if (!places || (places[1]?.length ?? 0) > decimals) {
    throw new MillraceError(`Not an amount: ${JSON.stringify(text)}.`, {
      code: "invalid-amount",
      hints: [`Write a number such as 12.5, with at most ${decimals} decimal places.`],
    });
  }
  return parseUnits(text.trim(), decimals);
}

/** Writes base units as a decimal such as `12.5`. */
export function formatAmount(amount: bigint, decimals = 6): string {
  return formatUnits(amount, decimals);
}
