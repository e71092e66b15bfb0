import { Anchor, Stack, Text } from "@mantine/core";
import type { OpenedJob } from "@millrace/client";
import type { JobDetail } from "@millrace/protocol";
import { Link, useParams } from "react-router";
import { type Hex, isAddressEqual, isHash } from "viem";
import { ActionButton } from "../components/ActionButton.tsx";
import { Address } from "../components/Address.tsx";
import { Amount } from "../components/Amount.tsx";
import { Figure } from "../components/Figure.tsx";
import { Figures } from "../components/Figures.tsx";
import { formatCount, formatDuration } from "../components/formats.ts";
import { Hash } from "../components/Hash.tsx";
import { Loaded } from "../components/Loaded.tsx";
import { Page } from "../components/Page.tsx";
import { Panel } from "../components/Panel.tsx";
import { Prices } from "../components/Prices.tsx";
import { ProgressParts } from "../components/ProgressParts.tsx";
import { StatusBadge } from "../components/StatusBadge.tsx";
import { Time } from "../components/Time.tsx";
import { Trail } from "../components/Trail.tsx";
import { useAction } from "../market/useAction.tsx";
import { useIndexed } from "../market/useIndexed.ts";
import { useModels } from "../market/useModels.ts";
import { useWallet } from "../market/useWallet.ts";
import { NotFound } from "./Errors.tsx";
import { JobChecks } from "./job/JobChecks.tsx";
import { JobLots } from "./job/JobLots.tsx";
import { useChainJob } from "./job/useChainJob.ts";

/** One job: where its items are, its lots with what was committed to, and what its buyer may do. */
export function JobPage() {
  const { jobId = "" } = useParams();
  const query = useIndexed(["job", jobId], (indexer) => indexer.job({ jobId: jobId as Hex }), {
    enabled: isHash(jobId),
  });
  if (!isHash(jobId)) return <NotFound what="job" />;
  return (
    <Loaded query={query} what="job">
      {(job) => <JobView job={job} />}
    </Loaded>
  );
}

function JobView({ job }: { job: JobDetail }) {
  const { jobId, buyer, modelId, status, progress, request, limit } = job;
  const { nameOf } = useModels();
  const { address } = useWallet();
  const isBuyer = address !== undefined && isAddressEqual(address, buyer);
  const onChain = useChainJob(job);
  return (
    <Page
      title={`Job ${jobId.slice(0, 10)}`}
      heading={
        <>
          Job <Hash hash={jobId} what="job id" />
        </>
      }
      description={
        <>
          {formatCount(job.itemCount)} requests for{" "}
          <Anchor component={Link} to={`/?model=${modelId}`} underline="always">
            {nameOf(modelId)}
          </Anchor>
          , opened <Time seconds={job.openedAt.time} /> by <Address address={buyer} />
        </>
      }
      actions={isBuyer && onChain.data && <CancelJob jobId={jobId} job={onChain.data} />}
    >
      <Panel
        title={
          <>
            Progress <StatusBadge status={status} />
          </>
        }
      >
        <ProgressParts progress={progress} hasLegend />
      </Panel>
      <Figures>
        <Figure
          label="Locked at opening"
          value={<Amount value={job.escrow} />}
          hint="At the limit, every answer as long as it may be"
        />
        <Figure
          label="Paid to providers"
          value={<Amount value={job.paid} />}
          hint={
            <>
              and <Amount value={job.fees} /> in fees
            </>
          }
        />
        <Figure label="Back to the buyer" value={<Amount value={job.refunded} />} />
        <Figure
          label="Limit prices"
          value={<Prices prices={limit} />}
          hint="For 10⁶ prompt / output tokens"
        />
        <Figure
          label="Turnaround"
          value={formatDuration(request.turnaroundSeconds)}
          hint="For each lot, from its input on"
        />
        <Figure
          label="Terms"
          value={
            <Anchor component={Link} to="/governance" inherit underline="always">
              Version {job.parametersVersion}
            </Anchor>
          }
          hint="It keeps those that it was opened under"
        />
      </Figures>
      <JobLots job={job} onChain={onChain} isBuyer={isBuyer} />
      <JobChecks job={job} />
      <Panel title="What happened">
        <Trail events={job.events} />
      </Panel>
    </Page>
  );
}

function CancelJob({ jobId, job: { lots, bidItems } }: { jobId: Hex; job: OpenedJob }) {
  const action = useAction({
    title: "Cancel what waits",
    run: (millrace, id: Hex) => millrace.jobs.cancel({ jobId: id }),
    done: ({ withdrawnItems }) =>
      withdrawnItems === 0
        ? "Nothing waited any more."
        : `${formatCount(withdrawnItems)} items are withdrawn, and their escrow is free again.`,
  });
  const waiting = [...lots.values()]
    .filter(({ status }) => status === "open")
    .reduce((sum, { lot }) => sum + lot.itemCount, bidItems);
  if (waiting === 0) return null;
  return (
    <ActionButton label="Cancel what waits" action={action} options={jobId} isDangerous>
      <Stack gap="xs">
        <Text>
          {formatCount(waiting)} items that no provider has taken are withdrawn, and what is locked for them
          becomes free.
        </Text>
        <Text size="sm" c="dimmed">
          Lots that providers are computing or have answered go on, and are paid for.
        </Text>
      </Stack>
    </ActionButton>
  );
}
