import { Anchor, Text } from "@mantine/core";
import type { CaseDetail } from "@millrace/protocol";
import { Link, useParams } from "react-router";
import { Address } from "../components/Address.tsx";
import { Amount } from "../components/Amount.tsx";
import { Figure } from "../components/Figure.tsx";
import { Figures } from "../components/Figures.tsx";
import { Hash } from "../components/Hash.tsx";
import { Loaded } from "../components/Loaded.tsx";
import { Page } from "../components/Page.tsx";
import { Panel } from "../components/Panel.tsx";
import { StatusBadge } from "../components/StatusBadge.tsx";
import { Time } from "../components/Time.tsx";
import { Trail } from "../components/Trail.tsx";
import { caseTitle, kindStakes, phaseWords, verdictMeanings, verdictWords } from "../court/caseWords.ts";
import { useIndexed } from "../market/useIndexed.ts";
import { useModels } from "../market/useModels.ts";
import { CaseMoney } from "./dispute/CaseMoney.tsx";
import { explainStep } from "./dispute/explainStep.ts";
import { Juries } from "./dispute/Juries.tsx";
import { ToleranceScale } from "./dispute/ToleranceScale.tsx";
import { NotFound } from "./Errors.tsx";

/** One case: what is claimed, who found what, and every step with its evidence. */
export function DisputePage() {
  const { caseId = "" } = useParams();
  const isId = /^0x[\da-f]{64}-(\d{1,4}|fault)$/i.test(caseId);
  const query = useIndexed(["case", caseId], (indexer) => indexer.case({ caseId }), { enabled: isId });
  if (!isId) return <NotFound what="dispute" />;
  return (
    <Loaded query={query} what="dispute">
      {(detail) => <DisputeView detail={detail} />}
    </Loaded>
  );
}

function DisputeView({ detail }: { detail: CaseDetail }) {
  const { kind, lotId, jobId, modelId, provider, challenger, buyer, phase, deadline, endedAt, verdict } =
    detail;
  const { nameOf } = useModels();
  const isOver = endedAt !== undefined;
  const { name, waitsFor } = phaseWords(phase);
  const title = caseTitle(detail);
  const votes = detail.juries.flatMap(({ seats }) =>
    seats.flatMap(({ vote }) => (vote === undefined ? [] : [vote])),
  );
  const median = detail.juries.findLast((jury) => jury.median !== undefined)?.median;
  return (
    <Page
      title={`Dispute: ${title}`}
      heading={title}
      description={
        <>
          Of lot <Hash hash={lotId} what="lot id" /> of job{" "}
          <Hash hash={jobId} to={`/jobs/${jobId}`} what="job id" />, for{" "}
          <Anchor component={Link} to={`/?model=${modelId}`} underline="always">
            {nameOf(modelId)}
          </Anchor>
        </>
      }
    >
      <Panel
        title={
          <>
            {isOver ? "Verdict" : "Where it stands"}{" "}
            {isOver ? (
              <StatusBadge status={verdict ?? "none"} label={verdictWords[verdict ?? "none"]} />
            ) : (
              <StatusBadge status="challenged" label={name} />
            )}
          </>
        }
      >
        <Text>
          {isOver ? (
            verdictMeanings[verdict ?? "none"]
          ) : (
            <>
              It waits for {waitsFor}
              {deadline !== undefined && (
                <>
                  ; the time for that ends <Time seconds={deadline} />
                </>
              )}
              .
            </>
          )}
        </Text>
        <Text size="sm" c="dimmed" mt={4}>
          {kindStakes[kind]}
        </Text>
      </Panel>
      <Figures>
        <Figure label="Provider" value={<Address address={provider} to={`/providers/${provider}`} />} />
        <Figure
          label="Challenger"
          value={<Address address={challenger} />}
          hint={
            challenger.toLowerCase() === buyer.toLowerCase() ? (
              "The buyer"
            ) : (
              <>
                For the buyer, <Address address={buyer} hideCopy />
              </>
            )
          }
        />
        <Figure label="Bond" value={<Amount value={detail.bond} />} />
        <Figure label="Opened" value={<Time seconds={detail.openedAt.time} />} />
        {endedAt && <Figure label="Ended" value={<Time seconds={endedAt.time} />} />}
        {detail.evidenceHash && (
          <Figure
            label="Evidence"
            value={<Hash hash={detail.evidenceHash} what="hash" />}
            hint="Sealed, on the relays; its key went to the jurors alone"
          />
        )}
      </Figures>
      {kind !== "proven-fault" && (
        <Panel title="How far off">
          <ToleranceScale votes={votes} median={median} />
        </Panel>
      )}
      {detail.juries.length > 0 && <Juries juries={detail.juries} />}
      {detail.ending && <CaseMoney ending={detail.ending} />}
      <Panel title="Step by step">
        <Trail events={detail.events} explain={({ name: step }) => explainStep(step)} />
      </Panel>
    </Page>
  );
}
