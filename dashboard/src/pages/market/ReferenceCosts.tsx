import { Anchor, Stack, Table, Text } from "@mantine/core";
import { formatCount } from "../../components/formats.ts";
import type { BatchSize } from "../../estimates/batchSize.ts";
import { monthsOld, referenceCostUsd, referencePrices } from "../../estimates/referencePrices.ts";

const usd = new Intl.NumberFormat("en", { style: "currency", currency: "USD", maximumSignificantDigits: 4 });

/** What central services would ask for a batch of as many tokens, with who says so and when. */
export function ReferenceCosts({ batch }: { batch: BatchSize }) {
  // The reader's clock: a development chain can be far ahead of it.
  const now = Date.now() / 1_000;
  return (
    <Stack gap={4}>
      <Text size="sm" fw={600}>
        Central services, for {formatCount(batch.items)} such requests
      </Text>
      <Table fz="sm" verticalSpacing={4} horizontalSpacing={0} borderColor="var(--millrace-line)">
        <Table.Tbody>
          {referencePrices.map((price) => {
            const age = monthsOld(price, now);
            return (
              <Table.Tr key={`${price.service} ${price.model}`}>
                <Table.Td pr="sm">
                  {price.service}, {price.model}
                  {price.mode === "batch" && " (batch)"}
                  <Text size="xs" c="dimmed">
                    <Anchor href={price.source} target="_blank" rel="noreferrer" underline="always" inherit>
                      {new URL(price.source).hostname}
                    </Anchor>
                    , {age === 0 ? "this month" : `${age} ${age === 1 ? "month" : "months"} old`}
                  </Text>
                </Table.Td>
                <Table.Td ta="right" style={{ verticalAlign: "top", whiteSpace: "nowrap" }}>
                  {usd.format(referenceCostUsd(price, batch))}
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed">
        Other models, other quality: an orientation, not a comparison. The list is
        dashboard/src/reference-prices.json.
      </Text>
    </Stack>
  );
}
