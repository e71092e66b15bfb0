import { Text } from "@mantine/core";
import { useContext } from "react";
import { MILL, type Unit, useAsset } from "../market/useAsset.ts";
import { ExactContext } from "./exact.ts";
import { formatTokens, formatTokensExactly } from "./formats.ts";

/** A number of tokens in base units; see `Amount`. */
export type TokenAmount = bigint | string;

/**
 * An amount of tokens with its unit; pointing at it shows every digit, which dialogs do without.
 *
 * @param value in base units
 * @param of Default: the market's asset.
 * @param hideUnit where the heading of a column has it
 */
export function Amount({
  value,
  of = "asset",
  hideUnit = false,
}: {
  value: TokenAmount;
  of?: "asset" | "mill" | Unit;
  hideUnit?: boolean;
}) {
  const asset = useAsset();
  const unit = of === "asset" ? asset : of === "mill" ? MILL : of;
  const amount = BigInt(value);
  const exactly = formatTokensExactly(amount, unit.decimals);
  const isExact = useContext(ExactContext);
  return (
    <Text span inherit title={`${exactly} ${unit.symbol}`} style={{ whiteSpace: "nowrap" }}>
      {isExact ? exactly : formatTokens(amount, unit.decimals)}
      {!hideUnit && (
        <Text span inherit c="dimmed" fz="0.85em" fw={400}>
          {" "}
          {unit.symbol}
        </Text>
      )}
    </Text>
  );
}
