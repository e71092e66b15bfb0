import { Anchor } from "@mantine/core";
import type { AccountDetail } from "@millrace/protocol";
import { Link } from "react-router";
import { Amount } from "../../components/Amount.tsx";
import { DataTable } from "../../components/DataTable.tsx";
import { Panel } from "../../components/Panel.tsx";
import { StatusBadge } from "../../components/StatusBadge.tsx";
import { useModels } from "../../market/useModels.ts";

/** An account's seats as a juror. Its agent takes and leaves them: see `millrace-provider juror`. */
export function SeatsPanel({ seats }: { seats: AccountDetail["seats"] }) {
  const { nameOf } = useModels();
  return (
    <Panel title="Your seats as a juror" flush>
      <DataTable
        caption="Your seats as a juror"
        rows={seats}
        rowKey={({ seatId }) => String(seatId)}
        minWidth={560}
        columns={[
          { header: "Seat", cell: ({ seatId }) => seatId },
          {
            header: "Model",
            cell: ({ modelId }) => (
              <Anchor component={Link} to={`/?model=${modelId}`} fz="sm">
                {nameOf(modelId)}
              </Anchor>
            ),
          },
          {
            header: "Status",
            cell: ({ isTaken }) => (
              <StatusBadge status={isTaken ? "live" : "closed"} label={isTaken ? "taken" : "left"} />
            ),
          },
          { header: "Stake", isNumber: true, cell: ({ stake }) => <Amount value={stake} /> },
          { header: "Pay", isNumber: true, cell: ({ pay }) => <Amount value={pay} /> },
          { header: "Penalties", isNumber: true, cell: ({ penalties }) => <Amount value={penalties} /> },
        ]}
      />
    </Panel>
  );
}
