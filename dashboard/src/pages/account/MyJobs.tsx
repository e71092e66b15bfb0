import { Anchor, Progress } from "@mantine/core";
import type { JobSummary } from "@millrace/protocol";
import { Link } from "react-router";
import type { Address } from "viem";
import { Amount } from "../../components/Amount.tsx";
import { DataTable } from "../../components/DataTable.tsx";
import { Empty } from "../../components/Empty.tsx";
import { formatCount } from "../../components/formats.ts";
import { Hash } from "../../components/Hash.tsx";
import { Loaded } from "../../components/Loaded.tsx";
import { Panel } from "../../components/Panel.tsx";
import { StatusBadge } from "../../components/StatusBadge.tsx";
import { Time } from "../../components/Time.tsx";
import { useIndexed } from "../../market/useIndexed.ts";

const SHOWN = 10;

/** The latest jobs of a buyer. */
export function MyJobs({ buyer }: { buyer: Address }) {
  const jobs = useIndexed(["jobs", buyer, SHOWN], (indexer) => indexer.jobs({ buyer, limit: SHOWN }));
  return (
    <Panel
      title="Your jobs"
      flush
      actions={
        <Anchor component={Link} to="/jobs?mine" size="sm">
          All
        </Anchor>
      }
    >
      <Loaded query={jobs}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty
              title="You have opened no job"
              action={
                <Anchor component={Link} to="/batches/new" size="sm">
                  Open a batch
                </Anchor>
              }
            />
          ) : (
            <Jobs jobs={items} />
          )
        }
      </Loaded>
    </Panel>
  );
}

function Jobs({ jobs }: { jobs: readonly JobSummary[] }) {
  return (
    <DataTable
      caption="Your latest jobs"
      rows={jobs}
      rowKey={({ jobId }) => jobId}
      minWidth={680}
      columns={[
        { header: "Job", cell: ({ jobId }) => <Hash hash={jobId} to={`/jobs/${jobId}`} /> },
        { header: "Status", cell: ({ status }) => <StatusBadge status={status} /> },
        {
          header: "Answered",
          cell: ({ itemCount, progress }) => (
            <Progress
              value={(100 * progress.settled) / itemCount}
              aria-label={`${progress.settled} of ${itemCount} answered and paid`}
              w={120}
            />
          ),
        },
        {
          header: "Items",
          isNumber: true,
          cell: ({ itemCount, progress }) => `${formatCount(progress.settled)} of ${formatCount(itemCount)}`,
        },
        { header: "Paid", isNumber: true, cell: ({ paid }) => <Amount value={paid} /> },
        { header: "Opened", isNumber: true, cell: ({ openedAt }) => <Time seconds={openedAt.time} /> },
      ]}
    />
  );
}
