import { Text } from "@mantine/core";
import type { Hex } from "viem";
import { Address } from "../../components/Address.tsx";
import { DataTable } from "../../components/DataTable.tsx";
import { Panel } from "../../components/Panel.tsx";
import { Time } from "../../components/Time.tsx";
import { useIndexed } from "../../market/useIndexed.ts";

/** What is said of a model, by whom; nothing where nobody says anything. */
export function Attestations({ modelId }: { modelId: Hex }) {
  const { data } = useIndexed(["model", modelId], (indexer) => indexer.model({ modelId }));
  if (!data || data.attestations.length === 0) return null;
  return (
    <Panel title="What is said of it" flush>
      <Text size="sm" c="dimmed" px="md" pb="xs">
        Anyone may say anything here, of their own model too: go by who says it.
      </Text>
      <DataTable
        caption="Attestations"
        rows={data.attestations}
        rowKey={({ attester, kind }) => `${attester} ${kind}`}
        columns={[
          { header: "By", cell: ({ attester }) => <Address address={attester} /> },
          { header: "About", cell: ({ kind }) => kind },
          { header: "In words", cell: ({ summary }) => summary },
          { header: "When", cell: ({ at }) => <Time seconds={at.time} /> },
        ]}
      />
    </Panel>
  );
}
