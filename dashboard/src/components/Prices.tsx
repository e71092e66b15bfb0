import type { PricePair } from "@millrace/protocol";
import { useAsset } from "../market/useAsset.ts";
import { formatTokens } from "./formats.ts";

/** Prices for 10⁶ prompt and output tokens: "0.10 / 0.40 USD". */
export function Prices({ prices }: { prices: PricePair }) {
  const { decimals, symbol } = useAsset();
  const write = (price: string) => formatTokens(BigInt(price), decimals);
  return (
    <span style={{ whiteSpace: "nowrap" }}>
      {write(prices.promptPricePerMillion)} / {write(prices.outputPricePerMillion)}{" "}
      <span style={{ fontSize: "0.85em", fontWeight: 400, color: "var(--mantine-color-dimmed)" }}>
        {symbol}
      </span>
    </span>
  );
}
