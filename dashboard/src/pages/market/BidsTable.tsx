import type { Bid } from "@millrace/protocol";
import { Address } from "../../components/Address.tsx";
import { Amount } from "../../components/Amount.tsx";
import { DataTable } from "../../components/DataTable.tsx";
import { formatCount } from "../../components/formats.ts";
import { Hash } from "../../components/Hash.tsx";
import { Time } from "../../components/Time.tsx";

/** What of jobs waits for a provider, best price first. */
export function BidsTable({ bids }: { bids: readonly Bid[] }) {
  return (
    <DataTable
      caption="Bids"
      rows={bids}
      rowKey={({ jobId }) => jobId}
      minWidth={820}
      maxHeight={360}
      columns={[
        { header: "Job", cell: ({ jobId }) => <Hash hash={jobId} to={`/jobs/${jobId}`} hideCopy /> },
        { header: "Buyer", cell: ({ buyer }) => <Address address={buyer} hideCopy /> },
        { header: "Items", isNumber: true, cell: ({ items }) => formatCount(items) },
        {
          header: "Prompt now / M",
          isNumber: true,
          cell: ({ now }) => <Amount value={now.promptPricePerMillion} hideUnit />,
        },
        {
          header: "Output now / M",
          isNumber: true,
          cell: ({ now }) => <Amount value={now.outputPricePerMillion} hideUnit />,
        },
        {
          header: "Output limit / M",
          isNumber: true,
          cell: ({ limit }) => <Amount value={limit.outputPricePerMillion} hideUnit />,
        },
        { header: "Ends", isNumber: true, cell: ({ endsAt }) => <Time seconds={endsAt} /> },
      ]}
    />
  );
}
