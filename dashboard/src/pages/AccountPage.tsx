import { ConnectWallet } from "../components/ConnectWallet.tsx";
import { Empty } from "../components/Empty.tsx";
import { Page } from "../components/Page.tsx";
import { Panel } from "../components/Panel.tsx";
import { useWallet } from "../market/useWallet.ts";
import { Balances } from "./account/Balances.tsx";
import { History } from "./account/History.tsx";
import { MyBackings } from "./account/MyBackings.tsx";
import { MyJobs } from "./account/MyJobs.tsx";

/** What the connected account has and does in the market. */
export function AccountPage() {
  const { address } = useWallet();
  return (
    <Page
      title="My account"
      description="Balances come straight from the chain. What is not locked can be withdrawn at any time."
    >
      {address === undefined ? (
        <Panel>
          <Empty title="No wallet is connected" action={<ConnectWallet />}>
            Connect one to see what it has in the market, and to move money in and out.
          </Empty>
        </Panel>
      ) : (
        <>
          <Balances address={address} />
          <MyJobs buyer={address} />
          <MyBackings backer={address} />
          <History address={address} />
        </>
      )}
    </Page>
  );
}
