import { SimpleGrid } from "@mantine/core";
import type { ProviderDetail } from "@millrace/protocol";
import { useParams } from "react-router";
import { isAddress } from "viem";
import { Address } from "../components/Address.tsx";
import { Empty } from "../components/Empty.tsx";
import { shorten } from "../components/formats.ts";
import { Loaded } from "../components/Loaded.tsx";
import { LotsTable } from "../components/LotsTable.tsx";
import { Page } from "../components/Page.tsx";
import { Panel } from "../components/Panel.tsx";
import { PriceUnit } from "../components/PriceUnit.tsx";
import { Time } from "../components/Time.tsx";
import { useIndexed } from "../market/useIndexed.ts";
import { NotFound } from "./Errors.tsx";
import { OffersTable } from "./provider/OffersTable.tsx";
import { PoolPanel } from "./provider/PoolPanel.tsx";
import { RecordFigures } from "./provider/RecordFigures.tsx";
import { RecordSpread } from "./provider/RecordSpread.tsx";

/** One provider: its record, its offers, its lots, and its pool of backers. */
export function ProviderPage() {
  const { address = "" } = useParams();
  if (!isAddress(address, { strict: false })) return <NotFound what="provider" />;
  // Another provider's page begins anew, forms included.
  return <Provider key={address} address={address} />;
}

function Provider({ address }: { address: `0x${string}` }) {
  const provider = useIndexed(["provider", address], (indexer) => indexer.provider({ address }));
  return (
    <Page
      title={`Provider ${shorten(address)}`}
      description={<Address address={address} isWhole />}
      {...(provider.data && { actions: <FirstSeen provider={provider.data} /> })}
    >
      <Loaded query={provider} rows={8}>
        {(data) => (
          <>
            <RecordFigures record={data} />
            <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg" style={{ alignItems: "start" }}>
              <RecordSpread record={data} />
              <PoolPanel provider={address} pool={data.pool} />
            </SimpleGrid>
            <Panel title="Offers" actions={<PriceUnit />} flush>
              {data.offers.length > 0 ? (
                <OffersTable offers={data.offers} />
              ) : (
                <Empty title="It has posted no offer" />
              )}
            </Panel>
            <Panel title="Latest lots" flush>
              {data.lots.length > 0 ? (
                <LotsTable lots={data.lots} />
              ) : (
                <Empty title="No lot was ever given to it" />
              )}
            </Panel>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function FirstSeen({ provider }: { provider: ProviderDetail }) {
  return (
    <span style={{ color: "var(--mantine-color-dimmed)", fontSize: "var(--mantine-font-size-sm)" }}>
      First seen <Time seconds={provider.firstSeen.time} />
    </span>
  );
}
