import { Anchor, Stack, Text } from "@mantine/core";
import type { ModelSummary } from "@millrace/protocol";
import { Link } from "react-router";
import { Amount } from "../../components/Amount.tsx";
import { DataTable } from "../../components/DataTable.tsx";
import { formatBytes, formatCount, formatShortCount, shorten } from "../../components/formats.ts";

/** Every model with its best price; a click shows its order book. */
export function ModelsTable({
  models,
  selected,
}: {
  models: readonly ModelSummary[];
  selected: ModelSummary;
}) {
  return (
    <DataTable
      caption="Models"
      rows={bySale(models)}
      rowKey={({ modelId }) => modelId}
      minWidth={820}
      maxHeight={340}
      isCurrent={({ modelId }) => modelId === selected.modelId}
      columns={[
        {
          header: "Model",
          cell: ({ modelId, publisher, spec }) => (
            <Stack gap={0}>
              <Anchor
                component={Link}
                to={`/?model=${modelId}`}
                preventScrollReset
                fz="sm"
                fw={600}
                aria-current={modelId === selected.modelId ? "true" : undefined}
              >
                {spec.name}
              </Anchor>
              <Text size="xs" c="dimmed">
                {spec.quantization} · {formatBytes(spec.sizeBytes)} · {formatShortCount(spec.contextTokens)}{" "}
                context · {spec.licence} · {shorten(modelId)} by {shorten(publisher)}
              </Text>
            </Stack>
          ),
        },
        {
          header: "Prompt / M",
          isNumber: true,
          cell: ({ best }) => (best ? <Amount value={best.promptPricePerMillion} hideUnit /> : "–"),
        },
        {
          header: "Output / M",
          isNumber: true,
          cell: ({ best }) => (best ? <Amount value={best.outputPricePerMillion} hideUnit /> : "–"),
        },
        { header: "Offers", isNumber: true, cell: ({ liveOffers }) => formatCount(liveOffers) },
        { header: "Items left", isNumber: true, cell: ({ itemsLeft }) => formatCount(itemsLeft) },
        { header: "Jurors", isNumber: true, cell: ({ seats }) => formatCount(seats) },
        { header: "Paid", isNumber: true, cell: ({ paid }) => <Amount value={paid} /> },
      ]}
    />
  );
}

/** What is on offer first, then what was paid most for. */
function bySale(models: readonly ModelSummary[]): ModelSummary[] {
  return models.toSorted(
    (a, b) => Number(b.liveOffers > 0) - Number(a.liveOffers > 0) || Number(BigInt(b.paid) - BigInt(a.paid)),
  );
}
