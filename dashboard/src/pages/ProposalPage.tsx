import { Stack, Text } from "@mantine/core";
import type { ProposalDetail } from "@millrace/protocol";
import { useParams } from "react-router";
import { Address } from "../components/Address.tsx";
import { Amount } from "../components/Amount.tsx";
import { DataTable } from "../components/DataTable.tsx";
import { Empty } from "../components/Empty.tsx";
import { Loaded } from "../components/Loaded.tsx";
import { Page } from "../components/Page.tsx";
import { Panel } from "../components/Panel.tsx";
import { Time } from "../components/Time.tsx";
import { useIndexed } from "../market/useIndexed.ts";
import { useMillrace } from "../market/useMillrace.ts";
import { NotFound } from "./Errors.tsx";
import { ProposalActions } from "./governance/ProposalActions.tsx";
import { ProposalChanges } from "./governance/ProposalChanges.tsx";
import { ProposalStatus } from "./governance/ProposalStatus.tsx";
import { ProposalSteps } from "./governance/ProposalSteps.tsx";
import { readProposal } from "./governance/readProposal.ts";
import { Tally } from "./governance/Tally.tsx";
import { titleOf } from "./governance/titleOf.ts";

/** One proposal: what it changes in plain words, how the vote stands, and what can be done. */
export function ProposalPage() {
  const { proposalId = "" } = useParams();
  const millrace = useMillrace();
  const isId = /^[1-9]\d{0,77}$/.test(proposalId);
  const query = useIndexed(
    ["proposal", proposalId],
    (indexer) => readProposal({ indexer, millrace }, { proposalId }),
    { enabled: isId },
  );
  if (!isId) return <NotFound what="proposal" />;
  return (
    <Loaded query={query} what="proposal">
      {(proposal) => <ProposalView proposal={proposal} />}
    </Loaded>
  );
}

function ProposalView({ proposal }: { proposal: ProposalDetail }) {
  const { proposalId, description, proposer, proposedAt, votes } = proposal;
  const [, ...rest] = description.trim().split("\n");
  return (
    <Page
      title={titleOf(description)}
      description={
        <>
          Proposed by <Address address={proposer} /> <Time seconds={proposedAt.time} />
        </>
      }
    >
      <Panel
        title={
          <>
            What it changes <ProposalStatus proposalId={proposalId} />
          </>
        }
      >
        <Stack gap="sm">
          <ProposalChanges proposal={proposal} />
          {rest.join("\n").trim() && (
            // As it was written: it is anybody's text, and no markup of it counts.
            <Text style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{rest.join("\n").trim()}</Text>
          )}
        </Stack>
      </Panel>
      <Panel title="The vote">
        <Stack gap="lg">
          <Tally proposal={proposal} />
          <ProposalActions proposal={proposal} />
        </Stack>
      </Panel>
      <Panel title="Its way">
        <ProposalSteps proposal={proposal} />
      </Panel>
      <Panel title="Who voted what" flush>
        {votes.length === 0 ? (
          <Empty title="Nobody has voted yet" />
        ) : (
          <DataTable
            caption="Votes"
            rows={votes}
            rowKey={({ voter }) => voter}
            columns={[
              { header: "Voter", cell: ({ voter }) => <Address address={voter} /> },
              { header: "Vote", cell: ({ support }) => support },
              { header: "Votes", cell: ({ weight }) => <Amount value={weight} of="mill" />, isNumber: true },
              { header: "Reason", cell: ({ reason }) => reason || "–" },
              { header: "When", cell: ({ at }) => <Time seconds={at.time} /> },
            ]}
          />
        )}
      </Panel>
    </Page>
  );
}
