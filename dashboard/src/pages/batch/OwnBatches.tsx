import { Anchor, Button, Group, Text } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import { isAddressEqual } from "viem";
import { choicesOf } from "../../batches/runChoices.ts";
import { useBatchRuns } from "../../batches/useBatchRuns.ts";
import { useOwnBatches } from "../../batches/useOwnBatches.ts";
import { Address } from "../../components/Address.tsx";
import { DataTable } from "../../components/DataTable.tsx";
import { formatCount } from "../../components/formats.ts";
import { Panel } from "../../components/Panel.tsx";
import { ProgressParts } from "../../components/ProgressParts.tsx";
import { StatusBadge } from "../../components/StatusBadge.tsx";
import { Time } from "../../components/Time.tsx";
import { useMarket } from "../../market/useMarket.ts";
import { partsOf } from "./partsOf.ts";
import { isElsewhere, standingOf } from "./standingOf.ts";

/** So many are shown at first, and more each time. */
const SHOWN = 20;

/** The batches that this browser keeps, if there are any. */
export function OwnBatches() {
  const { millrace, signer } = useMarket();
  const [most, setMost] = useState(SHOWN);
  const { data } = useOwnBatches(most);
  const { runs, all } = useBatchRuns();
  if (!data || data.total === 0) return null;
  const { batches, total } = data;
  return (
    <Panel title="Batches of this browser" flush>
      <DataTable
        caption="Batches of this browser, newest first"
        rows={batches}
        rowKey={({ batchId }) => batchId}
        columns={[
          {
            header: "Batch",
            cell: ({ batchId }) => (
              <Anchor component={Link} to={`/batches/${batchId}`} ff="monospace" fz="0.92em">
                {batchId.replace(/^batch_/, "").slice(0, 8)}
              </Anchor>
            ),
          },
          { header: "Requests", cell: ({ itemCount }) => formatCount(itemCount), isNumber: true },
          { header: "Progress", cell: ({ jobs }) => <ProgressParts progress={partsOf(jobs)} /> },
          {
            header: "Status",
            cell: (batch) => {
              if (batch.status === "finished") return <StatusBadge status="done" />;
              const run = all.find(({ batchId }) => batchId === batch.batchId);
              const isOwn = signer !== undefined && isAddressEqual(signer, batch.buyer);
              const isIdle = run?.state !== "running" && !isElsewhere(batch, run);
              return (
                <Group gap="xs" wrap="nowrap">
                  <StatusBadge status={standingOf(batch, run)} />
                  {isIdle && isOwn && (
                    <Button
                      size="compact-xs"
                      variant="light"
                      onClick={() => runs.start(millrace, batch, run?.choices ?? choicesOf(batch.metadata))}
                    >
                      Go on
                    </Button>
                  )}
                  {isIdle && !isOwn && (
                    <Text size="sm" component="span">
                      of <Address address={batch.buyer} hideCopy />
                    </Text>
                  )}
                </Group>
              );
            },
          },
          {
            header: "Created",
            cell: ({ createdAtMs }) => <Time seconds={Math.floor(createdAtMs / 1_000)} />,
          },
        ]}
      />
      {batches.length < total && (
        <Group justify="center" p="md">
          <Button variant="default" onClick={() => setMost(most + SHOWN)}>
            Show older ones
          </Button>
        </Group>
      )}
    </Panel>
  );
}
