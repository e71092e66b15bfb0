import type { StakeSummary } from "@millrace/protocol";
import { Address } from "../../components/Address.tsx";
import { Amount } from "../../components/Amount.tsx";
import { DataTable } from "../../components/DataTable.tsx";
import { Empty } from "../../components/Empty.tsx";
import { formatCount, formatShare } from "../../components/formats.ts";
import { Panel } from "../../components/Panel.tsx";

/** Who votes with how much. */
export function DelegatesTable({ summary: { delegates, staked } }: { summary: StakeSummary }) {
  return (
    <Panel title="Who votes" flush>
      {delegates.length === 0 ? (
        <Empty title="Nobody has votes yet" />
      ) : (
        <DataTable
          caption="Delegates, most votes first"
          rows={delegates}
          rowKey={({ delegate }) => delegate}
          minWidth={420}
          maxHeight={330}
          columns={[
            { header: "Delegate", cell: ({ delegate }) => <Address address={delegate} /> },
            {
              header: "Votes",
              isNumber: true,
              cell: ({ votes }) => <Amount value={votes} of="mill" hideUnit />,
            },
            {
              header: "Of all",
              isNumber: true,
              cell: ({ votes }) => formatShare(Number(votes), Number(staked)),
            },
            { header: "From", isNumber: true, cell: ({ delegators }) => formatCount(delegators) },
          ]}
        />
      )}
    </Panel>
  );
}
