import { NumberInput, SimpleGrid, Stack, Table, Text } from "@mantine/core";
import type { ModelSummary, OrderBook } from "@millrace/protocol";
import { useState } from "react";
import { Empty } from "../../components/Empty.tsx";
import { formatBps, formatShortCount } from "../../components/formats.ts";
import { Panel } from "../../components/Panel.tsx";
import { type EarningsInput, estimateEarnings } from "../../estimates/earnings.ts";
import { fillOf } from "../../estimates/fill.ts";
import { type Unit, useAsset } from "../../market/useAsset.ts";
import { useChain } from "../../market/useChain.ts";

/** What the owner alone knows; the rest is the market's. */
type Own = Pick<EarningsInput, "outputTokensPerSecond" | "hoursPerDay" | "watts" | "pricePerKilowattHour">;

/** What a GPU owner would earn in a day at the best present price. */
export function EarningsEstimate({ model, book }: { model: ModelSummary; book: OrderBook | undefined }) {
  const unit = useAsset();
  const parameters = useChain(["parameters"], (millrace) => millrace.parameters());
  const [own, setOwn] = useState<Own>({
    outputTokensPerSecond: 50,
    hoursPerDay: 8,
    watts: 250,
    pricePerKilowattHour: 0.25,
  });
  // Undefined: as the market has it. A number: as the owner thinks.
  const [fillPercent, setFillPercent] = useState<number>();
  const [ratio, setRatio] = useState<number>();

  const taken = Math.round(100 * (fillOf(book?.asks ?? []) ?? 0));
  // Where nothing is taken there is nothing to count with: then it says what full work would bring.
  const marketFill = taken || 100;
  const marketRatio = ratioOf(model);
  const price = model.best ?? book?.bids[0]?.now;
  const field = (name: keyof Own, label: string, suffix?: string, decimals = 0) => (
    <NumberInput
      label={label}
      value={own[name]}
      onChange={(value) => typeof value === "number" && setOwn({ ...own, [name]: value })}
      min={0}
      max={name === "hoursPerDay" ? 24 : 1_000_000}
      clampBehavior="strict"
      decimalScale={decimals}
      hideControls
      {...(suffix && { suffix })}
    />
  );
  return (
    <Panel title="What would your GPU earn?">
      <Stack gap="md">
        <SimpleGrid cols={{ base: 2 }} spacing="sm">
          {field("outputTokensPerSecond", "Output tokens per second", undefined, 1)}
          {field("hoursPerDay", "Hours a day", " h", 1)}
          {field("watts", "Power while working", " W")}
          {field("pricePerKilowattHour", "Power price", ` ${unit.symbol} / kWh`, 3)}
          <NumberInput
            label="Of the time with work"
            description={taken ? `taken of live offers: ${taken} %` : "nothing is taken now; if it all were"}
            value={fillPercent ?? marketFill}
            onChange={(value) => typeof value === "number" && setFillPercent(value)}
            min={0}
            max={100}
            clampBehavior="strict"
            suffix=" %"
            hideControls
          />
          <NumberInput
            label="Prompt tokens per output token"
            description={marketRatio === undefined ? "none settled yet" : `so far: ${marketRatio.toFixed(1)}`}
            value={ratio ?? marketRatio ?? 1}
            onChange={(value) => typeof value === "number" && setRatio(value)}
            min={0}
            max={10_000}
            clampBehavior="strict"
            decimalScale={1}
            hideControls
          />
        </SimpleGrid>
        {price && parameters.data ? (
          <Result
            unit={unit}
            input={{
              ...own,
              fill: (fillPercent ?? marketFill) / 100,
              promptTokensPerOutputToken: ratio ?? marketRatio ?? 1,
              promptPricePerMillion: Number(price.promptPricePerMillion) / 10 ** unit.decimals,
              outputPricePerMillion: Number(price.outputPricePerMillion) / 10 ** unit.decimals,
              feeBps: parameters.data.feeBps,
            }}
          />
        ) : (
          <Empty title="There is no price to count with">Nobody offers this model or bids for it now.</Empty>
        )}
      </Stack>
    </Panel>
  );
}

/** Prompt tokens for each output token of what was settled. */
function ratioOf({ promptTokens, outputTokens }: ModelSummary): number | undefined {
  return Number(outputTokens) > 0
    ? Math.round((10 * Number(promptTokens)) / Number(outputTokens)) / 10
    : undefined;
}

function Result({ input, unit }: { input: EarningsInput; unit: Unit }) {
  const { outputTokens, gross, fee, power, net } = estimateEarnings(input);
  const money = (value: number) =>
    `${new Intl.NumberFormat("en", { maximumFractionDigits: Math.abs(value) < 1 ? 4 : 2, signDisplay: "negative" }).format(value)} ${unit.symbol}`;
  const rows = [
    ["Sold", `${formatShortCount(Math.round(outputTokens))} output tokens`],
    ["At the best price now", money(gross)],
    [`Fee of ${formatBps(input.feeBps)}`, money(-fee)],
    ["Power", money(-power)],
  ] as const;
  return (
    <Stack gap={4}>
      <Table fz="sm" verticalSpacing={4} horizontalSpacing={0} borderColor="var(--millrace-line)">
        <Table.Tbody>
          {rows.map(([label, value]) => (
            <Table.Tr key={label}>
              <Table.Td>{label}</Table.Td>
              <Table.Td ta="right">{value}</Table.Td>
            </Table.Tr>
          ))}
          <Table.Tr fw={600}>
            <Table.Td>A day</Table.Td>
            <Table.Td ta="right" {...(net < 0 && { c: "var(--mantine-color-error)" })}>
              {money(net)}
            </Table.Td>
          </Table.Tr>
          <Table.Tr c="dimmed">
            <Table.Td>A month of 30 days</Table.Td>
            <Table.Td ta="right">{money(net * 30)}</Table.Td>
          </Table.Tr>
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed">
        Present price and demand; neither is promised. Collateral is locked while lots run, and comes back.
      </Text>
    </Stack>
  );
}
