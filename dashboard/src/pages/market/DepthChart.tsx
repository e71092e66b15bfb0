import { AreaChart } from "@mantine/charts";
import { Text } from "@mantine/core";
import type { OrderBook } from "@millrace/protocol";
import { useMemo } from "react";
import { Empty } from "../../components/Empty.tsx";
import { formatCount, formatShortCount, formatTokens } from "../../components/formats.ts";
import { depthOf } from "../../estimates/depth.ts";
import { useAsset } from "../../market/useAsset.ts";

/** How many items are on offer up to each price, and bid for down to it. */
export function DepthChart({ book }: { book: OrderBook }) {
  const { symbol, decimals } = useAsset();
  const points = useMemo(() => depthOf(book), [book]);
  if (points.length === 0) return <Empty title="Nothing to draw">Neither offers nor bids are there.</Empty>;
  // A stair needs ground before its first step and after its last.
  const first = points[0]!.price;
  const last = points.at(-1)!.price;
  const margin = Math.max((last - first) * 0.15, last * 0.1, 1);
  const data = [
    { ...points[0]!, price: Math.max(0, first - margin), asks: 0 },
    ...points,
    { ...points.at(-1)!, price: last + margin, bids: 0 },
  ];
  const price = (value: number) => formatTokens(BigInt(Math.round(value)), decimals);
  return (
    <figure style={{ margin: 0 }}>
      <AreaChart
        h={260}
        data={data}
        dataKey="price"
        withDots={false}
        withLegend
        withGradient={false}
        fillOpacity={0.18}
        series={[
          { name: "asks", label: "On offer", color: "race.6" },
          { name: "bids", label: "Bid for", color: "orange.7" },
        ]}
        areaProps={({ name }) => ({
          type: name === "asks" ? "stepAfter" : "stepBefore",
          isAnimationActive: false,
        })}
        xAxisProps={{ type: "number", domain: ["dataMin", "dataMax"], tickFormatter: price }}
        yAxisProps={{ tickFormatter: (value: number) => formatShortCount(value), width: 44 }}
        valueFormatter={(value) => `${formatCount(value)} items`}
        tooltipProps={{
          labelFormatter: (value) => (value === undefined ? "" : `${price(Number(value))} ${symbol} / M`),
        }}
      />
      <Text component="figcaption" size="xs" c="dimmed" mt="xs">
        Items by price, in {symbol} per million tokens, of which half are prompt's.
      </Text>
    </figure>
  );
}
