import { SimpleGrid } from "@mantine/core";
import { ConnectWallet } from "../components/ConnectWallet.tsx";
import { Empty } from "../components/Empty.tsx";
import { Loaded } from "../components/Loaded.tsx";
import { Page } from "../components/Page.tsx";
import { Panel } from "../components/Panel.tsx";
import { useIndexed } from "../market/useIndexed.ts";
import { useWallet } from "../market/useWallet.ts";
import { DelegatesTable } from "./stake/DelegatesTable.tsx";
import { FeeChart } from "./stake/FeeChart.tsx";
import { Position } from "./stake/Position.tsx";
import { StakeFigures } from "./stake/StakeFigures.tsx";

/** Staking MILL: votes, and a share of the fees. */
export function StakePage() {
  const { address } = useWallet();
  const stake = useIndexed(["stake"], (indexer) => indexer.stake());
  return (
    <Page
      title="Stake and yield"
      description="Whoever stakes MILL votes on the market's numbers, and shares what the protocol earns, in the asset that buyers pay with."
    >
      <Loaded query={stake} rows={2}>
        {(summary) => <StakeFigures summary={summary} />}
      </Loaded>
      {address === undefined ? (
        <Panel title="Your stake">
          <Empty title="No wallet is connected" action={<ConnectWallet />}>
            Connect one to stake, to delegate votes, and to claim fees.
          </Empty>
        </Panel>
      ) : (
        <Position address={address} />
      )}
      <Loaded query={stake} rows={6}>
        {(summary) => (
          <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg" style={{ alignItems: "start" }}>
            <FeeChart fees={summary.fees} />
            <DelegatesTable summary={summary} />
          </SimpleGrid>
        )}
      </Loaded>
    </Page>
  );
}
