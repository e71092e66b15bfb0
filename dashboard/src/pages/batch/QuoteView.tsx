import { SimpleGrid, Stack, Text } from "@mantine/core";
import type { Quote } from "@millrace/client";
import { Amount } from "../../components/Amount.tsx";
import { DataTable } from "../../components/DataTable.tsx";
import { Figure } from "../../components/Figure.tsx";
import { formatCount, formatDuration } from "../../components/formats.ts";
import { ModelIdentity } from "../../components/ModelIdentity.tsx";
import { Prices } from "../../components/Prices.tsx";
import { useChain } from "../../market/useChain.ts";
import { useWallet } from "../../market/useWallet.ts";

/** What a batch would cost now, and whether there is enough for it. */
export function QuoteView({ quote }: { quote: Quote }) {
  const { address } = useWallet();
  const { data: balance } = useChain(
    ["balance", address],
    (millrace) => millrace.account.balance({ address: address! }),
    { enabled: address !== undefined },
  );
  const isShort = balance !== undefined && balance.free < quote.reserve;
  return (
    <Stack gap="md">
      <SimpleGrid minColWidth="170px" spacing="lg" type="container">
        <Figure
          label="Will probably cost"
          value={<Amount value={quote.expectedCost} />}
          hint="By guessed lengths of the answers"
        />
        <Figure
          label="At most"
          value={<Amount value={quote.worstCost} />}
          hint="Every answer as long as it may be, at the limit"
        />
        <Figure
          label="Locked meanwhile"
          value={<Amount value={quote.reserve} />}
          hint="What is not spent of it returns"
        />
        {balance && <Figure label="You have free in the Market" value={<Amount value={balance.free} />} />}
      </SimpleGrid>
      {isShort && (
        <Text c="var(--mantine-color-error)" role="alert">
          <Amount value={quote.reserve - balance.free} /> more is needed in the Market.
        </Text>
      )}
      <DataTable
        caption="Jobs of the batch, one for each model"
        rows={quote.jobs}
        rowKey={({ model }) => model.modelId}
        columns={[
          { header: "Model", cell: ({ model }) => <ModelIdentity model={model} /> },
          { header: "Items", cell: ({ items }) => formatCount(items.length), isNumber: true },
          { header: "Offers that fit", cell: ({ offers }) => formatCount(offers.length), isNumber: true },
          {
            header: "Taken at once",
            cell: ({ split }) =>
              formatCount(
                split.fills.reduce((sum, { lotItems }) => sum + lotItems.reduce((a, b) => a + b, 0), 0),
              ),
            isNumber: true,
          },
          { header: "Left as a bid", cell: ({ split }) => formatCount(split.bidItems), isNumber: true },
          {
            header: "Limit per 10⁶ tokens",
            cell: ({ limits }) => (
              <Prices
                prices={{
                  promptPricePerMillion: limits.promptPricePerMillion.toString(),
                  outputPricePerMillion: limits.outputPricePerMillion.toString(),
                }}
              />
            ),
          },
          { header: "Turnaround", cell: ({ turnaroundSeconds }) => formatDuration(turnaroundSeconds) },
        ]}
      />
    </Stack>
  );
}
