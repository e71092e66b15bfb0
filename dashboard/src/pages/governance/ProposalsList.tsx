import { Anchor, Button, Text } from "@mantine/core";
import type { ProposalSummary } from "@millrace/protocol";
import { Link } from "react-router";
import { Address } from "../../components/Address.tsx";
import { Amount } from "../../components/Amount.tsx";
import { DataTable } from "../../components/DataTable.tsx";
import { Empty } from "../../components/Empty.tsx";
import { PagedList } from "../../components/PagedList.tsx";
import { Panel } from "../../components/Panel.tsx";
import { Time } from "../../components/Time.tsx";
import { useIndexedPages } from "../../market/useIndexedPages.ts";
import { ProposalStatus } from "./ProposalStatus.tsx";
import { titleOf } from "./titleOf.ts";

const PAGE_ITEMS = 25;

/** All proposals, newest first. */
export function ProposalsList() {
  const list = useIndexedPages<ProposalSummary>(["proposals"], (indexer, after) =>
    indexer.proposals({ limit: PAGE_ITEMS, ...(after !== undefined && { after }) }),
  );
  return (
    <Panel title="Proposals" flush>
      <PagedList
        list={list}
        empty={
          <Empty
            title="Nothing was proposed yet"
            action={
              <Button component={Link} to="/governance/new" variant="light">
                New proposal
              </Button>
            }
          >
            Who has enough votes can propose other numbers; all who stake decide.
          </Empty>
        }
      >
        {(proposals) => (
          <DataTable
            caption="Proposals, newest first"
            rows={proposals}
            rowKey={({ proposalId }) => proposalId}
            columns={[
              {
                header: "Proposal",
                cell: ({ proposalId, description }) => (
                  <Anchor component={Link} to={`/governance/${proposalId}`} inherit>
                    {titleOf(description)}
                  </Anchor>
                ),
              },
              { header: "State", cell: ({ proposalId }) => <ProposalStatus proposalId={proposalId} /> },
              {
                header: "For",
                cell: ({ votesFor }) => <Amount value={votesFor} of="mill" />,
                isNumber: true,
              },
              {
                header: "Against",
                cell: ({ votesAgainst }) => <Amount value={votesAgainst} of="mill" />,
                isNumber: true,
              },
              {
                header: "Vote ends",
                cell: ({ voteEnd }) => (
                  <Text span inherit>
                    <Time seconds={voteEnd} />
                  </Text>
                ),
              },
              { header: "By", cell: ({ proposer }) => <Address address={proposer} hideCopy /> },
            ]}
          />
        )}
      </PagedList>
    </Panel>
  );
}
