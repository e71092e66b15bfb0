import { Anchor } from "@mantine/core";
import type { IndexedOffer } from "@millrace/protocol";
import { Link } from "react-router";
import { Amount } from "../../components/Amount.tsx";
import { DataTable } from "../../components/DataTable.tsx";
import { formatCount } from "../../components/formats.ts";
import { StatusBadge } from "../../components/StatusBadge.tsx";
import { Time } from "../../components/Time.tsx";
import { useModels } from "../../market/useModels.ts";

/** A provider's offers, of every model. */
export function OffersTable({ offers }: { offers: readonly IndexedOffer[] }) {
  const { nameOf } = useModels();
  return (
    <DataTable
      caption="Offers"
      rows={offers}
      rowKey={({ offerId }) => offerId}
      minWidth={820}
      maxHeight={420}
      columns={[
        {
          header: "Model",
          cell: ({ modelId }) => (
            <Anchor component={Link} to={`/?model=${modelId}`} fz="sm">
              {nameOf(modelId)}
            </Anchor>
          ),
        },
        { header: "Status", cell: ({ status }) => <StatusBadge status={status} /> },
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
        {
          header: "Items left",
          isNumber: true,
          cell: ({ itemsLeft, capacityItems }) =>
            `${formatCount(itemsLeft)} of ${formatCount(capacityItems)}`,
        },
        { header: "Until", isNumber: true, cell: ({ validUntil }) => <Time seconds={validUntil} /> },
      ]}
    />
  );
}
