import type { IndexedOffer } from "@millrace/protocol";
import { Address } from "../../components/Address.tsx";
import { Amount } from "../../components/Amount.tsx";
import { DataTable } from "../../components/DataTable.tsx";
import { formatCount, formatDuration } from "../../components/formats.ts";

/** Offers that can be taken now, cheapest first. */
export function AsksTable({ asks }: { asks: readonly IndexedOffer[] }) {
  return (
    <DataTable
      caption="Offers"
      rows={asks}
      rowKey={({ offerId }) => offerId}
      minWidth={640}
      maxHeight={420}
      columns={[
        {
          header: "Provider",
          cell: ({ provider }) => <Address address={provider} to={`/providers/${provider}`} hideCopy />,
        },
        {
          header: "Prompt / M",
          isNumber: true,
          cell: ({ promptPricePerMillion }) => <Amount value={promptPricePerMillion} hideUnit />,
        },
        {
          header: "Output / M",
          isNumber: true,
          cell: ({ outputPricePerMillion }) => <Amount value={outputPricePerMillion} hideUnit />,
        },
        { header: "Items left", isNumber: true, cell: ({ itemsLeft }) => formatCount(itemsLeft) },
        {
          header: "In one lot",
          isNumber: true,
          // Many providers set no bound but the offer's own.
          cell: ({ minLotItems, maxLotItems, itemsLeft }) =>
            `${formatCount(minLotItems)}–${formatCount(Math.min(maxLotItems, Math.max(minLotItems, itemsLeft)))}`,
        },
        {
          header: "Done in",
          isNumber: true,
          cell: ({ minTurnaroundSeconds }) => formatDuration(minTurnaroundSeconds),
        },
      ]}
    />
  );
}
