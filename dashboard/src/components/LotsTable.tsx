import type { IndexedLot } from "@millrace/protocol";
import { Amount } from "./Amount.tsx";
import { DataTable } from "./DataTable.tsx";
import { formatCount } from "./formats.ts";
import { Hash } from "./Hash.tsx";
import { StatusBadge } from "./StatusBadge.tsx";
import { Time } from "./Time.tsx";

/** Lots, each with its job and what became of it. */
export function LotsTable({ lots }: { lots: readonly IndexedLot[] }) {
  return (
    <DataTable
      caption="Lots"
      rows={lots}
      rowKey={({ lotId }) => lotId}
      minWidth={780}
      maxHeight={480}
      columns={[
        { header: "Lot", cell: ({ lotId }) => <Hash hash={lotId} /> },
        { header: "Job", cell: ({ jobId }) => <Hash hash={jobId} to={`/jobs/${jobId}`} hideCopy /> },
        {
          header: "Status",
          cell: ({ status, reopened }) => (
            <StatusBadge status={reopened === "slashed" ? "slashed" : status} label={reopened ?? status} />
          ),
        },
        { header: "Items", isNumber: true, cell: ({ itemCount }) => formatCount(itemCount) },
        {
          header: "Paid",
          isNumber: true,
          cell: ({ settled }) => (settled ? <Amount value={settled.paid} /> : "–"),
        },
        { header: "Collateral", isNumber: true, cell: ({ collateral }) => <Amount value={collateral} /> },
        { header: "Assigned", isNumber: true, cell: ({ assignedAt }) => <Time seconds={assignedAt.time} /> },
      ]}
    />
  );
}
