import { Button, Group, SegmentedControl, Select } from "@mantine/core";
import type { IndexedJobStatus, JobSummary } from "@millrace/protocol";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import type { Hex } from "viem";
import { Address } from "../components/Address.tsx";
import { Amount } from "../components/Amount.tsx";
import { DataTable } from "../components/DataTable.tsx";
import { Empty } from "../components/Empty.tsx";
import { formatCount } from "../components/formats.ts";
import { Hash } from "../components/Hash.tsx";
import { Page } from "../components/Page.tsx";
import { PagedList } from "../components/PagedList.tsx";
import { Panel } from "../components/Panel.tsx";
import { ProgressParts } from "../components/ProgressParts.tsx";
import { StatusBadge } from "../components/StatusBadge.tsx";
import { Time } from "../components/Time.tsx";
import { useIndexedPages } from "../market/useIndexedPages.ts";
import { useModels } from "../market/useModels.ts";
import { useWallet } from "../market/useWallet.ts";
import { OwnBatches } from "./batch/OwnBatches.tsx";

const PAGE_ITEMS = 25;

type StatusChoice = "all" | IndexedJobStatus;

/** All jobs of the market, and the batches that this browser keeps. */
export function JobsPage() {
  const { address } = useWallet();
  const { query: models, nameOf } = useModels();
  const [status, setStatus] = useState<StatusChoice>("all");
  const [modelId, setModelId] = useState<Hex | null>(null);
  const [params] = useSearchParams();
  const [whose, setWhose] = useState<"all" | "mine">(params.has("mine") ? "mine" : "all");
  const buyer = whose === "mine" ? address : undefined;
  const list = useIndexedPages<JobSummary>(["jobs", status, modelId, buyer], (indexer, after) =>
    indexer.jobs({
      limit: PAGE_ITEMS,
      ...(after !== undefined && { after }),
      ...(status !== "all" && { status }),
      ...(modelId && { modelId }),
      ...(buyer && { buyer }),
    }),
  );
  const isFiltered = status !== "all" || modelId !== null || buyer !== undefined;
  const newBatch = (
    <Button component={Link} to="/batches/new">
      New batch
    </Button>
  );
  return (
    <Page
      title="Jobs"
      description="A job is a batch of requests for one model. It is split into lots, each computed, proven and paid by itself."
      actions={newBatch}
    >
      <OwnBatches />
      <Panel title="All jobs" flush>
        <Group px="md" pb="sm" gap="sm" align="flex-end">
          <SegmentedControl
            aria-label="Status"
            value={status}
            onChange={(value) => setStatus(value as StatusChoice)}
            data={[
              { value: "all", label: "All" },
              { value: "open", label: "Open" },
              { value: "running", label: "Running" },
              { value: "done", label: "Done" },
            ]}
          />
          {address && (
            <SegmentedControl
              aria-label="Whose jobs"
              value={whose}
              onChange={(value) => setWhose(value as typeof whose)}
              data={[
                { value: "all", label: "Everyone's" },
                { value: "mine", label: "Mine" },
              ]}
            />
          )}
          <Select
            aria-label="Model"
            placeholder="Any model"
            clearable
            clearButtonProps={{ "aria-label": "Any model" }}
            value={modelId}
            onChange={(value) => setModelId(value as Hex | null)}
            data={(models.data ?? []).map(({ modelId: id }) => ({ value: id, label: nameOf(id) }))}
          />
        </Group>
        <PagedList
          list={list}
          empty={
            <Empty
              title={isFiltered ? "No job is like that" : "No job has been opened yet"}
              action={!isFiltered && newBatch}
            >
              {isFiltered
                ? "Choose otherwise above."
                : "Upload a file of requests, and providers compute it."}
            </Empty>
          }
        >
          {(jobs) => (
            <DataTable
              caption="Jobs, newest first"
              rows={jobs}
              rowKey={({ jobId }) => jobId}
              columns={[
                {
                  header: "Job",
                  cell: ({ jobId }) => <Hash hash={jobId} to={`/jobs/${jobId}`} what="job id" />,
                },
                { header: "Status", cell: (job) => <StatusBadge status={job.status} /> },
                { header: "Model", cell: (job) => nameOf(job.modelId) },
                { header: "Items", cell: ({ itemCount }) => formatCount(itemCount), isNumber: true },
                { header: "Progress", cell: ({ progress }) => <ProgressParts progress={progress} /> },
                { header: "Paid", cell: ({ paid }) => <Amount value={paid} />, isNumber: true },
                { header: "Buyer", cell: ({ buyer: who }) => <Address address={who} hideCopy /> },
                { header: "Opened", cell: ({ openedAt }) => <Time seconds={openedAt.time} /> },
              ]}
            />
          )}
        </PagedList>
      </Panel>
    </Page>
  );
}
