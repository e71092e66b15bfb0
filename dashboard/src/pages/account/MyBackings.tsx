import type { Address as AddressValue } from "viem";
import { Address } from "../../components/Address.tsx";
import { Amount } from "../../components/Amount.tsx";
import { DataTable } from "../../components/DataTable.tsx";
import { Empty } from "../../components/Empty.tsx";
import { formatBps } from "../../components/formats.ts";
import { Loaded } from "../../components/Loaded.tsx";
import { Panel } from "../../components/Panel.tsx";
import { useChain } from "../../market/useChain.ts";

/** What an account has behind providers; the providers' pages have the ways in and out. */
export function MyBackings({ backer }: { backer: AddressValue }) {
  const backings = useChain(["backings", backer], (millrace) => millrace.backing.list({ backer }));
  return (
    <Panel title="Providers you back" flush>
      <Loaded query={backings}>
        {(list) =>
          list.length === 0 ? (
            <Empty title="You back nobody">
              A provider that takes backers shares its earnings with them: see its page under Providers.
            </Empty>
          ) : (
            <DataTable
              caption="Providers you back"
              rows={list}
              rowKey={({ pool }) => pool.provider}
              minWidth={560}
              columns={[
                {
                  header: "Provider",
                  cell: ({ pool }) => <Address address={pool.provider} to={`/providers/${pool.provider}`} />,
                },
                { header: "Commission", isNumber: true, cell: ({ pool }) => formatBps(pool.commissionBps) },
                { header: "Worth now", isNumber: true, cell: ({ worth }) => <Amount value={worth} /> },
                {
                  header: "On its way out",
                  isNumber: true,
                  cell: ({ exits }) => (
                    <Amount value={exits.reduce((sum, { claimed }) => sum + claimed, 0n)} />
                  ),
                },
                {
                  header: "Can be had now",
                  isNumber: true,
                  cell: ({ exits }) => (
                    <Amount value={exits.reduce((sum, { payable }) => sum + payable, 0n)} />
                  ),
                },
              ]}
            />
          )
        }
      </Loaded>
    </Panel>
  );
}
