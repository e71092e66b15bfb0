import { Group, Stack, Text } from "@mantine/core";
import type { JobState } from "@millrace/client";
import { useState } from "react";
import { ActionButton } from "../../components/ActionButton.tsx";
import { Amount } from "../../components/Amount.tsx";
import { AmountInput } from "../../components/AmountInput.tsx";
import { formatCount } from "../../components/formats.ts";
import { Prices } from "../../components/Prices.tsx";
import { useAction } from "../../market/useAction.tsx";
import { useChain } from "../../market/useChain.ts";

/** Pays more for what of one of a batch's jobs no provider has taken at the prices so far. */
export function RaiseLimits({ batchId, job: { jobId, view } }: { batchId: string; job: JobState }) {
  const [prompt, setPrompt] = useState<bigint | undefined>();
  const [output, setOutput] = useState<bigint | undefined>();
  // Fields are made anew, and so emptied, when they were used.
  const [turn, setTurn] = useState(0);
  const raise = {
    batchId,
    jobIds: [jobId],
    ...(prompt !== undefined && { promptLimitPerMillion: prompt }),
    ...(output !== undefined && { outputLimitPerMillion: output }),
  };
  const isMissing = prompt === undefined && output === undefined;
  const { data: quote } = useChain(
    ["top-up", batchId, jobId, String(prompt), String(output)],
    (millrace) => millrace.batches.quoteTopUp(raise),
    { enabled: !isMissing },
  );
  const action = useAction({
    title: "Raise the limits",
    // What waits may have become less since; more than was shown is not to be locked.
    run: (millrace, { reserve, ...prices }: typeof raise & { reserve: bigint }) =>
      millrace.batches.topUp({ ...prices, maxReserve: reserve }),
    done: ({ items }) =>
      items === 0
        ? "The limits were as high already; nothing has changed."
        : `More is paid for ${formatCount(items)} requests.`,
  });
  const request = view.job?.request;
  const before = {
    promptPricePerMillion: request?.promptLimitPerMillion ?? 0n,
    outputPricePerMillion: request?.outputLimitPerMillion ?? 0n,
  };
  const after = {
    promptPricePerMillion: higher(before.promptPricePerMillion, prompt),
    outputPricePerMillion: higher(before.outputPricePerMillion, output),
  };
  return (
    <Stack gap="sm" maw={560}>
      {request && (
        <Text size="sm" c="dimmed">
          So far at most <Prices prices={textsOf(before)} /> for 10⁶ prompt / output tokens.
        </Text>
      )}
      <Group grow align="flex-end" key={turn}>
        <AmountInput label="Pay at most for 10⁶ prompt tokens" onChange={setPrompt} />
        <AmountInput label="Pay at most for 10⁶ output tokens" onChange={setOutput} />
      </Group>
      {!isMissing && quote?.items === 0 && (
        <Text size="sm" c="dimmed">
          That is no more than now.
        </Text>
      )}
      <div>
        <ActionButton
          label="Raise the limits"
          action={action}
          variant="default"
          options={!isMissing && quote && quote.items > 0 ? { ...raise, reserve: quote.reserve } : undefined}
          onDone={() => {
            setPrompt(undefined);
            setOutput(undefined);
            setTurn(turn + 1);
          }}
        >
          {quote && (
            <Text>
              {formatCount(quote.items)} requests that wait may cost up to <Prices prices={textsOf(after)} />{" "}
              for 10⁶ prompt / output tokens, and <Amount value={quote.reserve} /> more of your balance in the
              Market is locked for them; what is not spent of it returns. What providers have taken is not
              touched.
            </Text>
          )}
        </ActionButton>
      </div>
    </Stack>
  );
}

/** Limits only rise. */
const higher = (before: bigint, next: bigint | undefined): bigint =>
  next !== undefined && next > before ? next : before;

const textsOf = (prices: { promptPricePerMillion: bigint; outputPricePerMillion: bigint }) => ({
  promptPricePerMillion: prices.promptPricePerMillion.toString(),
  outputPricePerMillion: prices.outputPricePerMillion.toString(),
});
