import { Anchor, Stack, Text } from "@mantine/core";
import type { BatchState } from "@millrace/client";
import { Link } from "react-router";
import { Address } from "../../components/Address.tsx";
import { Amount } from "../../components/Amount.tsx";
import { DataTable } from "../../components/DataTable.tsx";
import { formatCount } from "../../components/formats.ts";
import { Panel } from "../../components/Panel.tsx";
import { StatusBadge } from "../../components/StatusBadge.tsx";
import { Time } from "../../components/Time.tsx";
import { useChain } from "../../market/useChain.ts";
import { useNow } from "../../market/useNow.ts";
import { DownloadLines } from "./DownloadLines.tsx";

/** The answered lots of a batch whose buyer pays by hand: what they are, until when, and where to say yes. */
export function AwaitingLots({ batch: { batchId, jobs } }: { batch: BatchState }) {
  const lots = jobs.flatMap(({ jobId, view }) =>
    [...view.lots.values()].filter(({ status }) => status === "submitted").map((lot) => ({ jobId, ...lot })),
  );
  const { data: verified = [] } = useChain(
    ["verified", batchId, lots.length],
    (millrace) => millrace.batches.verifiedLots({ batchId }),
    { enabled: lots.length > 0 },
  );
  const now = useNow();
  if (lots.length === 0) return null;
  return (
    <Panel
      title={`${formatCount(lots.length)} ${lots.length === 1 ? "lot waits" : "lots wait"} for your yes`}
      flush
      actions={
        verified.length > 0 && (
          <DownloadLines
            label="Download the checked answers"
            fileName={`${batchId}-answers.jsonl`}
            lines={(millrace) => millrace.batches.answers({ batchId })}
            size="xs"
            variant="default"
          />
        )
      }
    >
      <Stack gap={0}>
        <Text size="sm" c="dimmed" px="md" pb="sm">
          Accepted ones are paid at once; the others when their time is over, unless one of their items is
          before the court.
        </Text>
        <DataTable
          caption="Lots that wait to be accepted"
          rows={lots}
          rowKey={({ lotId }) => lotId}
          columns={[
            {
              header: "Items",
              cell: ({ lot: { firstItem, itemCount } }) =>
                `${formatCount(firstItem + 1)} to ${formatCount(firstItem + itemCount)}`,
            },
            { header: "Provider", cell: ({ lot }) => <Address address={lot.provider} hideCopy /> },
            {
              header: "Answers",
              cell: ({ lotId }) => (
                <StatusBadge status={verified.includes(lotId) ? "as committed to" : "not checked yet"} />
              ),
            },
            { header: "Due", cell: ({ due = 0n }) => <Amount value={due} />, isNumber: true },
            {
              header: "Time to look",
              cell: ({ windowEnd = 0 }) => (now > windowEnd ? "over" : <Time seconds={windowEnd} />),
              isNumber: true,
            },
            {
              header: "Decide",
              cell: ({ jobId }) => (
                <Anchor component={Link} to={`/jobs/${jobId}`} underline="always" size="sm">
                  Accept or object
                </Anchor>
              ),
            },
          ]}
        />
      </Stack>
    </Panel>
  );
}
