import { Anchor, SegmentedControl, Text } from "@mantine/core";
import type { CaseSummary } from "@millrace/protocol";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { Address } from "../components/Address.tsx";
import { DataTable } from "../components/DataTable.tsx";
import { Empty } from "../components/Empty.tsx";
import { Page } from "../components/Page.tsx";
import { PagedList } from "../components/PagedList.tsx";
import { Panel } from "../components/Panel.tsx";
import { StatusBadge } from "../components/StatusBadge.tsx";
import { Time } from "../components/Time.tsx";
import { caseTitle, phaseWords, verdictWords } from "../court/caseWords.ts";
import { useIndexedPages } from "../market/useIndexedPages.ts";
import { useModels } from "../market/useModels.ts";

const PAGE_ITEMS = 25;

/** What the court looks at and looked at, and what hashes proved. */
export function DisputesPage() {
  const { nameOf } = useModels();
  const [search, setSearch] = useSearchParams();
  const lotId = search.get("lot")?.toLowerCase();
  const [status, setStatus] = useState<"all" | "open" | "over">("all");
  const list = useIndexedPages<CaseSummary>(["cases", status], (indexer, after) =>
    indexer.cases({
      limit: PAGE_ITEMS,
      ...(after !== undefined && { after }),
      ...(status !== "all" && { status }),
    }),
  );
  return (
    <Page
      title="Disputes"
      description="Who says that a lot was not computed as agreed puts down a bond. Jurors, who stake seats, compute one item again and vote on how far off it is; the median decides."
    >
      <Panel
        title="Cases"
        flush
        actions={
          <SegmentedControl
            aria-label="Which cases"
            value={status}
            onChange={(value) => setStatus(value as typeof status)}
            data={[
              { value: "all", label: "All" },
              { value: "open", label: "Open" },
              { value: "over", label: "Over" },
            ]}
          />
        }
      >
        {lotId && (
          <Text size="sm" px="md" pb="sm">
            Of one lot only.{" "}
            <Anchor component="button" type="button" inherit underline="always" onClick={() => setSearch({})}>
              Show all
            </Anchor>
          </Text>
        )}
        <PagedList
          list={list}
          empty={
            <Empty title={status === "open" ? "Nothing is in dispute" : "There was no dispute"}>
              A buyer who finds an answer wrong can challenge it from its job's page while the lot is not
              paid.
            </Empty>
          }
        >
          {(cases) => (
            <DataTable
              caption="Cases, newest first"
              rows={cases.filter((one) => !lotId || one.lotId.toLowerCase() === lotId)}
              rowKey={({ caseId }) => caseId}
              columns={[
                {
                  header: "About",
                  cell: (one) => (
                    <Anchor component={Link} to={`/disputes/${one.caseId}`} inherit>
                      {caseTitle(one)}
                    </Anchor>
                  ),
                },
                {
                  header: "State",
                  cell: ({ verdict, phase, kind }) =>
                    phase === "concluded" || kind === "proven-fault" ? (
                      <StatusBadge status={verdict ?? "none"} label={verdictWords[verdict ?? "none"]} />
                    ) : (
                      <StatusBadge status="challenged" label={phaseWords(phase).name} />
                    ),
                },
                {
                  header: "Until",
                  cell: ({ deadline, endedAt }) =>
                    endedAt || deadline === undefined ? "–" : <Time seconds={deadline} />,
                },
                { header: "Model", cell: ({ modelId }) => nameOf(modelId) },
                {
                  header: "Provider",
                  cell: ({ provider }) => (
                    <Address address={provider} to={`/providers/${provider}`} hideCopy />
                  ),
                },
                { header: "Challenger", cell: ({ challenger }) => <Address address={challenger} hideCopy /> },
                { header: "Opened", cell: ({ openedAt }) => <Time seconds={openedAt.time} /> },
              ]}
            />
          )}
        </PagedList>
      </Panel>
    </Page>
  );
}
