import { Stack, Text } from "@mantine/core";
import type { BatchState } from "@millrace/client";
import { useParams } from "react-router";
import { isAddressEqual } from "viem";
import { choicesOf } from "../batches/runChoices.ts";
import { useBatchRuns } from "../batches/useBatchRuns.ts";
import { ActionButton } from "../components/ActionButton.tsx";
import { Amount } from "../components/Amount.tsx";
import { DataTable } from "../components/DataTable.tsx";
import { Figure } from "../components/Figure.tsx";
import { Figures } from "../components/Figures.tsx";
import { formatCount } from "../components/formats.ts";
import { Hash } from "../components/Hash.tsx";
import { Loaded } from "../components/Loaded.tsx";
import { Page } from "../components/Page.tsx";
import { Panel } from "../components/Panel.tsx";
import { ProgressParts } from "../components/ProgressParts.tsx";
import { StatusBadge } from "../components/StatusBadge.tsx";
import { useAction } from "../market/useAction.tsx";
import { useChain } from "../market/useChain.ts";
import { useWallet } from "../market/useWallet.ts";
import { AwaitingLots } from "./batch/AwaitingLots.tsx";
import { BatchFeed } from "./batch/BatchFeed.tsx";
import { DownloadLines } from "./batch/DownloadLines.tsx";
import { partsOf } from "./batch/partsOf.ts";
import { RaiseLimits } from "./batch/RaiseLimits.tsx";
import { RunControls } from "./batch/RunControls.tsx";
import { standingOf } from "./batch/standingOf.ts";

/** A batch that this browser keeps: drives it, shows how far it is, and hands out its results. */
export function BatchPage() {
  const { batchId = "" } = useParams();
  const query = useChain(["batch", batchId], (millrace) => millrace.batches.retrieve({ batchId }));
  return (
    <Page title="Batch" heading={`Batch ${batchId.replace(/^batch_/, "").slice(0, 8)}`}>
      <Loaded query={query}>{(batch) => <BatchView batch={batch} />}</Loaded>
    </Page>
  );
}

function BatchView({ batch }: { batch: BatchState }) {
  const { batchId, settlement, jobs, status, metadata } = batch;
  const { all } = useBatchRuns();
  const run = all.find((one) => one.batchId === batchId);
  const isFinished = status === "finished" || run?.state === "finished";
  const { paysByHand } = run?.choices ?? choicesOf(metadata);
  const waiting = jobs.filter(({ view, items }) => view.job && items.unassigned > 0);
  const waitingItems = waiting.reduce((sum, { items }) => sum + items.unassigned, 0);
  const { address } = useWallet();
  const isOwn = address !== undefined && isAddressEqual(address, batch.buyer);
  return (
    <>
      <Panel
        title={
          <>
            Progress <StatusBadge status={isFinished ? "done" : standingOf(batch, run)} />
          </>
        }
        actions={
          isFinished && (
            <DownloadLines
              label="Download results"
              fileName={`${batchId}.jsonl`}
              lines={(millrace) => millrace.batches.results({ batchId })}
            />
          )
        }
      >
        <Stack gap="md">
          <ProgressParts progress={partsOf(jobs)} hasLegend />
          {!isFinished && <RunControls batch={batch} run={run} />}
        </Stack>
      </Panel>
      {!isFinished && isOwn && paysByHand && <AwaitingLots batch={batch} />}
      {!isFinished && isOwn && waitingItems > 0 && (
        <Panel
          title={`${formatCount(waitingItems)} ${waitingItems === 1 ? "request waits" : "requests wait"} for a provider`}
        >
          <Stack gap="lg">
            {waiting.map((job) => (
              <Stack key={job.jobId} gap="xs">
                {jobs.length > 1 && (
                  <Text size="sm" fw={600}>
                    {formatCount(job.items.unassigned)} for {job.model}
                  </Text>
                )}
                <RaiseLimits batchId={batchId} job={job} />
              </Stack>
            ))}
            <div>
              <CancelBatch batchId={batchId} waiting={waitingItems} />
            </div>
          </Stack>
        </Panel>
      )}
      <Figures>
        <Figure label="Requests" value={formatCount(batch.itemCount)} />
        <Figure
          label="Paid"
          value={<Amount value={settlement.paid + settlement.fee} />}
          hint="To providers, and in fees"
        />
        <Figure label="Locked" value={<Amount value={settlement.locked} />} />
        <Figure label="Returned" value={<Amount value={settlement.refunded} />} />
        <Figure
          label="Tokens, prompt / output"
          value={`${formatCount(settlement.tokens.in)} / ${formatCount(settlement.tokens.out)}`}
          hint="Of what is paid"
        />
      </Figures>
      <Panel title="Jobs" flush>
        <DataTable
          caption="Jobs of this batch"
          rows={jobs}
          rowKey={({ jobId }) => jobId}
          columns={[
            { header: "Job", cell: ({ jobId }) => <Hash hash={jobId} to={`/jobs/${jobId}`} what="job id" /> },
            { header: "Model", cell: ({ model }) => model },
            { header: "Progress", cell: (job) => <ProgressParts progress={partsOf([job])} /> },
            { header: "Lots", cell: ({ view }) => formatCount(view.lots.size), isNumber: true },
          ]}
        />
      </Panel>
      {run && (
        <Panel title="What happens">
          <BatchFeed events={run.events} />
        </Panel>
      )}
    </>
  );
}

function CancelBatch({ batchId, waiting }: { batchId: string; waiting: number }) {
  const action = useAction({
    title: "Cancel what waits",
    run: (millrace, id: string) => millrace.batches.cancel({ batchId: id }),
    done: ({ withdrawnItems }) => `${formatCount(withdrawnItems)} items are withdrawn.`,
  });
  return (
    <ActionButton label="Cancel what waits" action={action} options={batchId} isDangerous size="xs">
      <Text>
        {formatCount(waiting)} requests that no provider has taken are withdrawn, and what is locked for them
        becomes free. What is being computed goes on, and is paid for.
      </Text>
    </ActionButton>
  );
}
