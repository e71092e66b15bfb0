import type { Percentiles, ProviderRecord } from "@millrace/protocol";
import type { ReactNode } from "react";
import { Amount } from "../../components/Amount.tsx";
import { DataTable } from "../../components/DataTable.tsx";
import { Empty } from "../../components/Empty.tsx";
import { formatDuration } from "../../components/formats.ts";
import { Panel } from "../../components/Panel.tsx";
import { PriceUnit } from "../../components/PriceUnit.tsx";

interface Row {
  label: string;
  spread: Percentiles<ReactNode>;
}

/** How a provider's speed and prices spread. */
export function RecordSpread({ record: { latency, promptPrice, outputPrice } }: { record: ProviderRecord }) {
  const rows = [
    rowOf("Lot done in", latency, formatDuration),
    rowOf("Prompt / M", promptPrice, (price) => <Amount value={price} hideUnit />),
    rowOf("Output / M", outputPrice, (price) => <Amount value={price} hideUnit />),
  ].flat();
  return (
    <Panel title="Speed and prices" actions={<PriceUnit />} flush={rows.length > 0}>
      {rows.length === 0 ? (
        <Empty title="Nothing to tell yet">It has committed to no lot so far.</Empty>
      ) : (
        <DataTable
          caption="Speed and prices over its lots"
          rows={rows}
          rowKey={({ label }) => label}
          minWidth={400}
          columns={[
            { header: "Over its lots", cell: ({ label }) => label },
            { header: "Lowest tenth", cell: ({ spread }) => spread.p10, isNumber: true },
            { header: "Median", cell: ({ spread }) => spread.p50, isNumber: true },
            { header: "Highest tenth", cell: ({ spread }) => spread.p90, isNumber: true },
          ]}
        />
      )}
    </Panel>
  );
}

/** One row, or none where nothing was measured. */
function rowOf<T>(label: string, of: Percentiles<T> | undefined, say: (value: T) => ReactNode): Row[] {
  return of ? [{ label, spread: { p10: say(of.p10), p50: say(of.p50), p90: say(of.p90) } }] : [];
}
