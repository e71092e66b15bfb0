import type { ProviderRecord } from "@millrace/protocol";
import { Address } from "../components/Address.tsx";
import { Amount } from "../components/Amount.tsx";
import { DataTable } from "../components/DataTable.tsx";
import { Empty } from "../components/Empty.tsx";
import { formatCount, formatDuration, formatShare } from "../components/formats.ts";
import { Page } from "../components/Page.tsx";
import { PagedList } from "../components/PagedList.tsx";
import { Panel } from "../components/Panel.tsx";
import { useIndexedPages } from "../market/useIndexedPages.ts";

/** Everyone who ever sold, by what they earned. */
export function ProvidersPage() {
  const list = useIndexedPages<ProviderRecord>(["providers"], (indexer, after) =>
    indexer.providers({ ...(after !== undefined && { after }) }),
  );
  return (
    <Page
      title="Providers"
      description="Whoever serves models here, and how that went. A record is what the chain saw; nobody can edit it."
    >
      <Panel flush>
        <PagedList
          list={list}
          empty={
            <Empty title="Nobody has sold anything yet">
              ./millrace provider turns a GPU into a provider.
            </Empty>
          }
        >
          {(providers) => <Providers providers={providers} />}
        </PagedList>
      </Panel>
    </Page>
  );
}

function Providers({ providers }: { providers: readonly ProviderRecord[] }) {
  return (
    <DataTable
      caption="Providers, most earned first"
      rows={providers}
      rowKey={({ provider }) => provider}
      minWidth={860}
      columns={[
        {
          header: "Provider",
          cell: ({ provider }) => <Address address={provider} to={`/providers/${provider}`} />,
        },
        { header: "Offers", isNumber: true, cell: ({ liveOffers }) => formatCount(liveOffers) },
        { header: "Running", isNumber: true, cell: ({ running }) => formatCount(running) },
        { header: "Lots done", isNumber: true, cell: ({ completed }) => formatCount(completed) },
        { header: "In time", isNumber: true, cell: (record) => formatShare(record.completed, ended(record)) },
        { header: "Slashed", isNumber: true, cell: ({ slashed }) => formatCount(slashed) },
        {
          header: "Usually takes",
          isNumber: true,
          cell: ({ latency }) => (latency ? formatDuration(latency.p50) : "–"),
        },
        { header: "Earned", isNumber: true, cell: ({ earned }) => <Amount value={earned} /> },
      ]}
    />
  );
}

const ended = ({ completed, late, released, slashed }: ProviderRecord) =>
  completed + late + released + slashed;
