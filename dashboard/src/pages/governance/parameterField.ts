import { type ParameterField, parameterWords } from "@millrace/client";
import { parseAmount } from "@millrace/protocol";
import { formatUnits } from "viem";
import type { Unit } from "../../market/useAsset.ts";

/** Places after the point in a field: per cent of basis points, tokens of base units. */
function decimalsOf(field: ParameterField, asset: Unit): number {
  return { bps: 2, seconds: 0, count: 0, amount: asset.decimals }[parameterWords[field].unit];
}

/** What a field for a governed number holds: per cent, seconds, a count, or an amount. */
export function editParameter(field: ParameterField, value: bigint, asset: Unit): string {
  return formatUnits(value, decimalsOf(field, asset));
}

/** Reads what {@link editParameter} wrote, or somebody typed; undefined if it is no such number. */
export function readParameter(field: ParameterField, text: string, asset: Unit): bigint | undefined {
  try {
    return parseAmount(text, decimalsOf(field, asset));
  } catch {
    return undefined;
  }
}

/** The unit beside a field. */
export function parameterUnit(field: ParameterField, asset: Unit): string | undefined {
  return { bps: "%", seconds: "s", count: undefined, amount: asset.symbol }[parameterWords[field].unit];
}
