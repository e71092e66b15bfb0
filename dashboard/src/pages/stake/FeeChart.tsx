import { AreaChart } from "@mantine/charts";
import { Text } from "@mantine/core";
import type { StakeSummary } from "@millrace/protocol";
import { useMemo } from "react";
import { Empty } from "../../components/Empty.tsx";
import { formatTick, formatTime } from "../../components/formats.ts";
import { Panel } from "../../components/Panel.tsx";
import { useAsset } from "../../market/useAsset.ts";

/** The fees that reached the stakers, summed up over time. */
export function FeeChart({ fees }: { fees: StakeSummary["fees"] }) {
  const { symbol, decimals } = useAsset();
  const data = useMemo(() => {
    let total = 0;
    return fees.map(({ amount, at }) => {
      total += Number(amount) / 10 ** decimals;
      return { time: at.time, total };
    });
  }, [fees, decimals]);
  return (
    <Panel title="Fees over time">
      {data.length === 0 ? (
        <Empty title="No fee has come in yet">
          The protocol's share of settled lots arrives here when it is collected.
        </Empty>
      ) : (
        <figure style={{ margin: 0 }}>
          <AreaChart
            h={240}
            data={data}
            dataKey="time"
            curveType="stepAfter"
            withDots={data.length < 3}
            withGradient={false}
            fillOpacity={0.18}
            series={[{ name: "total", label: "Fees", color: "race.6" }]}
            areaProps={{ isAnimationActive: false }}
            xAxisProps={{
              type: "number",
              domain: ["dataMin", "dataMax"],
              tickFormatter: (time: number) => formatTime(time).replace(/ \d{4}/, ""),
              minTickGap: 60,
            }}
            yAxisProps={{ width: 56, tickFormatter: formatTick }}
            valueFormatter={(value) => `${value.toPrecision(4)} ${symbol}`}
            tooltipProps={{ labelFormatter: (time) => (time === undefined ? "" : formatTime(Number(time))) }}
          />
          <Text component="figcaption" size="xs" c="dimmed" mt="xs">
            {symbol}, summed up over the latest {data.length} {data.length === 1 ? "payment" : "payments"}.
          </Text>
        </figure>
      )}
    </Panel>
  );
}
