import { Button, TextInput } from "@mantine/core";
import { MillraceError, parseAmount } from "@millrace/protocol";
import { useEffect, useRef, useState } from "react";
import { formatUnits } from "viem";
import { MILL, type Unit, useAsset } from "../market/useAsset.ts";

/**
 * A field for an amount of tokens. A form is not sent while it holds something that is none.
 *
 * @param onChange is given base units, or undefined while the field holds no amount
 * @param of Default: the market's asset.
 * @param max what is there; offered by a button, and the most that counts as valid
 */
export function AmountInput({
  label,
  description,
  onChange,
  of = "asset",
  max,
  required = false,
}: {
  label: string;
  description?: string;
  onChange: (value: bigint | undefined) => void;
  of?: "asset" | "mill" | Unit;
  max?: bigint | undefined;
  required?: boolean;
}) {
  const asset = useAsset();
  const unit = of === "asset" ? asset : of === "mill" ? MILL : of;
  const [text, setText] = useState("");
  const { value, error } = read(text, unit, max);
  const wrong = value === undefined && text !== "" ? error : undefined;
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.setCustomValidity(wrong ?? ""), [wrong]);

  const change = (next: string) => {
    setText(next);
    onChange(read(next, unit, max).value);
  };
  return (
    <TextInput
      ref={field}
      label={label}
      description={description}
      value={text}
      onChange={(event) => change(event.currentTarget.value)}
      error={wrong}
      required={required}
      withAsterisk={false}
      inputMode="decimal"
      autoComplete="off"
      placeholder="0.00"
      styles={{ input: { textAlign: "right" } }}
      leftSection={
        max !== undefined && (
          <Button size="compact-xs" variant="light" onClick={() => change(formatUnits(max, unit.decimals))}>
            Max
          </Button>
        )
      }
      leftSectionWidth={max === undefined ? undefined : 56}
      leftSectionPointerEvents="all"
      rightSection={
        <span style={{ fontSize: "0.85em", color: "var(--mantine-color-dimmed)" }}>{unit.symbol}</span>
      }
      rightSectionWidth={72}
      rightSectionPointerEvents="none"
    />
  );
}

function read(
  text: string,
  { decimals, symbol }: Unit,
  max: bigint | undefined,
): { value?: bigint; error?: string } {
  try {
    const value = parseAmount(text, decimals);
    if (value === 0n) return { error: "More than zero is needed." };
    if (max !== undefined && value > max)
      return { error: `At most ${formatUnits(max, decimals)} ${symbol}.` };
    return { value };
  } catch (error) {
    return { error: error instanceof MillraceError ? (error.hints[0] ?? error.shortMessage) : String(error) };
  }
}
