import { LineChart } from "@mantine/charts";
import { SegmentedControl, Text } from "@mantine/core";
import type { PricePoint } from "@millrace/protocol";
import { useState } from "react";
import type { Hex } from "viem";
import { Empty } from "../../components/Empty.tsx";
import { formatTick, formatTime } from "../../components/formats.ts";
import { Loaded } from "../../components/Loaded.tsx";
import { Panel } from "../../components/Panel.tsx";
import { useAsset } from "../../market/useAsset.ts";
import { useIndexed } from "../../market/useIndexed.ts";
import { useNow } from "../../market/useNow.ts";

const spans = [
  { value: "hours", label: "6 hours", seconds: 6 * 3_600, bucketSeconds: 300 },
  { value: "days", label: "7 days", seconds: 7 * 86_400, bucketSeconds: 3_600 },
  { value: "months", label: "90 days", seconds: 90 * 86_400, bucketSeconds: 86_400 },
] as const;

/** What was paid for a model, by time. */
export function PriceHistory({ modelId }: { modelId: Hex }) {
  const [value, setValue] = useState<string>("days");
  const { seconds, bucketSeconds } = spans.find((span) => span.value === value) ?? spans[1];
  const now = useNow();
  // It moves by whole buckets, or every second would be another question.
  const from = Math.max(0, Math.floor((now - seconds) / bucketSeconds) * bucketSeconds);
  const prices = useIndexed(
    ["prices", modelId, from, bucketSeconds],
    (indexer) => indexer.prices({ modelId, from, bucketSeconds }),
    { keepsPrevious: true },
  );
  return (
    <Panel
      title="Prices paid"
      actions={
        <SegmentedControl
          size="xs"
          value={value}
          onChange={setValue}
          aria-label="Span of time"
          data={spans.map(({ value: span, label }) => ({ value: span, label }))}
        />
      }
    >
      <Loaded query={prices}>
        {(points) =>
          points.length > 0 ? (
            <Chart points={points} />
          ) : (
            <Empty title="Nothing was paid in this time">Prices appear here once lots are settled.</Empty>
          )
        }
      </Loaded>
    </Panel>
  );
}

function Chart({ points }: { points: readonly PricePoint[] }) {
  const { symbol, decimals } = useAsset();
  const units = (base: string) => Number(base) / 10 ** decimals;
  const data = points.map(({ from, average, low, high }) => ({
    from,
    prompt: units(average.promptPricePerMillion),
    output: units(average.outputPricePerMillion),
    outputLow: units(low.outputPricePerMillion),
    outputHigh: units(high.outputPricePerMillion),
  }));
  return (
    <figure style={{ margin: 0 }}>
      <LineChart
        h={260}
        data={data}
        dataKey="from"
        withLegend
        curveType="linear"
        lineProps={{ isAnimationActive: false }}
        series={[
          { name: "output", label: "Output", color: "race.6" },
          { name: "outputHigh", label: "Output, dearest", color: "race.4", strokeDasharray: "4 4" },
          { name: "outputLow", label: "Output, cheapest", color: "race.4", strokeDasharray: "2 4" },
          { name: "prompt", label: "Prompt", color: "orange.7" },
        ]}
        xAxisProps={{
          type: "number",
          domain: ["dataMin", "dataMax"],
          tickFormatter: (time: number) => formatTime(time).replace(/ \d{4}/, ""),
          minTickGap: 60,
        }}
        yAxisProps={{ width: 48, tickFormatter: formatTick }}
        valueFormatter={(value) => `${value.toPrecision(4)} ${symbol} / M`}
        tooltipProps={{ labelFormatter: (time) => (time === undefined ? "" : formatTime(Number(time))) }}
      />
      <Text component="figcaption" size="xs" c="dimmed" mt="xs">
        {symbol} per million tokens of settled lots, weighted by tokens.
      </Text>
    </figure>
  );
}
