import { Anchor, Button } from "@mantine/core";
import { Link } from "react-router";
import { Amount } from "../components/Amount.tsx";
import { Figure } from "../components/Figure.tsx";
import { Figures } from "../components/Figures.tsx";
import { Loaded } from "../components/Loaded.tsx";
import { Page } from "../components/Page.tsx";
import { Panel } from "../components/Panel.tsx";
import { StatusBadge } from "../components/StatusBadge.tsx";
import { Time } from "../components/Time.tsx";
import { useChain } from "../market/useChain.ts";
import { useWallet } from "../market/useWallet.ts";
import { ParametersHistory } from "./governance/ParametersHistory.tsx";
import { ParametersTable } from "./governance/ParametersTable.tsx";
import { ProposalsList } from "./governance/ProposalsList.tsx";

/** What is in force, what was, and what is proposed. */
export function GovernancePage() {
  const { address } = useWallet();
  const parameters = useChain(["governed"], (millrace) => millrace.governance.parameters());
  const { data: position } = useChain(
    ["position", address],
    (millrace) => millrace.governance.position({ address: address! }),
    { enabled: address !== undefined },
  );
  return (
    <Page
      title="Governance"
      description="Whoever stakes MILL votes on the market's numbers, within bounds that no vote can pass. A job keeps the version that it was opened under."
      actions={
        <Button component={Link} to="/governance/new">
          New proposal
        </Button>
      }
    >
      <Loaded query={parameters}>
        {({ version, isPaused, pausedUntil }) => (
          <Figures>
            <Figure label="In force" value={`Version ${version}`} hint="For jobs that are opened now" />
            <Figure
              label="New jobs and offers"
              value={
                <StatusBadge status={isPaused ? "demanded" : "live"} label={isPaused ? "paused" : "open"} />
              }
              hint={
                isPaused ? (
                  <>
                    By the guardian; open again <Time seconds={pausedUntil} />
                  </>
                ) : (
                  "All else can never be paused"
                )
              }
            />
            <Figure
              label="Your votes"
              value={position ? <Amount value={position.votes} of="mill" /> : "–"}
              hint={
                <Anchor inherit component={Link} to="/stake" underline="always">
                  Stake or delegate
                </Anchor>
              }
            />
          </Figures>
        )}
      </Loaded>
      <ProposalsList />
      <Panel title="Numbers in force" flush>
        <Loaded query={parameters}>{(governed) => <ParametersTable governed={governed} />}</Loaded>
      </Panel>
      <ParametersHistory />
    </Page>
  );
}
