import { Stack, Text } from "@mantine/core";
import type { Quote } from "@millrace/client";
import type { RunChoices } from "../../batches/runChoices.ts";
import { Amount } from "../../components/Amount.tsx";
import { formatCount } from "../../components/formats.ts";
import { ModelIdentity } from "../../components/ModelIdentity.tsx";

/** What opening a batch locks and costs, and what driving it on may cost beside that. */
export function OpeningWords({ quote, choices }: { quote: Quote; choices: RunChoices }) {
  const { itemCount, jobs, reserve, expectedCost } = quote;
  return (
    <Stack gap="xs">
      <Text>
        {formatCount(itemCount)} requests are opened as {jobs.length === 1 ? "a job" : `${jobs.length} jobs`}.{" "}
        <Amount value={reserve} /> of your balance in the Market is locked; what is not spent of it returns.
        It will probably cost <Amount value={expectedCost} />.
      </Text>
      {choices.checksByMarket && (
        <Text>
          Two other providers check a part of the answers: up to <Amount value={reserve} /> more is locked and
          spent on that each time that you go on with the batch. What they find wrong goes to court, with up
          to as much again in bonds, of which one is lost where jurors find no fault.
        </Text>
      )}
      {jobs.map(({ model }) => (
        <ModelIdentity key={model.modelId} model={model} />
      ))}
      <Text size="sm" c="dimmed">
        {choices.paysByHand
          ? "Lots wait for your yes, and are paid when the time to object is over."
          : "Lots are paid as soon as they are checked."}{" "}
        Answers that do not come are demanded in court, for a juror's fee each time. Whoever computes a lot
        sees its requests. If this file has an unfinished batch, that goes on in place of a new one.
      </Text>
    </Stack>
  );
}
