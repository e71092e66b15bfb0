import { Alert, Group, NumberInput, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import type { BookQuote, ModelSummary } from "@millrace/protocol";
import { useState } from "react";
import { Amount } from "../../components/Amount.tsx";
import { Figure } from "../../components/Figure.tsx";
import { formatCount } from "../../components/formats.ts";
import { Loaded } from "../../components/Loaded.tsx";
import { Panel } from "../../components/Panel.tsx";
import { comparableBatch, presetFor } from "../../estimates/batchSize.ts";
import { useIndexed } from "../../market/useIndexed.ts";
import { ReferenceCosts } from "./ReferenceCosts.tsx";

const inputs = [
  { name: "items", label: "Requests", max: 10_000_000 },
  { name: "promptTokens", label: "Prompt tokens each", max: 1_000_000 },
  { name: "outputTokens", label: "Output tokens each", max: 1_000_000 },
] as const;

/** What a batch would cost at the present offers, beside what central services ask. */
export function CostEstimate({ model }: { model: ModelSummary }) {
  const [batch, setBatch] = useState(() => presetFor(model.spec.contextTokens));
  const [asked] = useDebouncedValue(batch, 250);
  const quote = useIndexed(
    ["quote", model.modelId, asked],
    (indexer) => indexer.quote({ modelId: model.modelId, ...asked }),
    { keepsPrevious: true },
  );
  return (
    <Panel title="What would a batch cost?">
      <Stack gap="md">
        <Group grow align="flex-end" gap="sm">
          {inputs.map(({ name, label, max }) => (
            <NumberInput
              key={name}
              label={label}
              value={batch[name]}
              onChange={(value) => typeof value === "number" && setBatch({ ...batch, [name]: value })}
              min={1}
              max={max}
              clampBehavior="strict"
              allowDecimal={false}
              allowNegative={false}
              thousandSeparator=","
              hideControls
            />
          ))}
        </Group>
        {batch.promptTokens + batch.outputTokens > model.spec.contextTokens && (
          <Text size="sm" c="var(--mantine-color-error)" role="alert">
            The model's context holds {formatCount(model.spec.contextTokens)} tokens, prompt and answer
            together.
          </Text>
        )}
        <Loaded query={quote}>
          {(data) => (
            <>
              <Cost quote={data} />
              <ReferenceCosts batch={comparableBatch(asked, data)} />
            </>
          )}
        </Loaded>
      </Stack>
    </Panel>
  );
}

function Cost({ quote: { items, fills, unfilledItems, cost } }: { quote: BookQuote }) {
  const providers = new Set(fills.map(({ provider }) => provider)).size;
  const filled = items - unfilledItems;
  return (
    <>
      {filled > 0 && (
        <Figure
          label={unfilledItems > 0 ? `Here, for the ${formatCount(filled)} that find room` : "Here, now"}
          value={<Amount value={cost} />}
          hint={`from ${formatCount(fills.length)} ${fills.length === 1 ? "offer" : "offers"} of ${formatCount(providers)} ${providers === 1 ? "provider" : "providers"}; more is reserved, and returns`}
        />
      )}
      {unfilledItems > 0 && (
        <Alert color="orange" variant="light" p="sm">
          <Text size="sm">
            {formatCount(unfilledItems)} of {formatCount(items)} requests find no room in present offers. They
            would rest as a bid, up to your limit.
          </Text>
        </Alert>
      )}
    </>
  );
}
