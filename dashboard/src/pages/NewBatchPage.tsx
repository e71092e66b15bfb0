import { Anchor, Button, Collapse, FileInput, Group, NumberInput, Select, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { BuyOptions, Quote } from "@millrace/client";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link, useNavigate } from "react-router";
import { metadataOf, type RunChoices } from "../batches/runChoices.ts";
import { useBatchRuns } from "../batches/useBatchRuns.ts";
import { ActionButton } from "../components/ActionButton.tsx";
import { AmountInput } from "../components/AmountInput.tsx";
import { ErrorWords } from "../components/ErrorWords.tsx";
import { shorten } from "../components/formats.ts";
import { Page } from "../components/Page.tsx";
import { Panel } from "../components/Panel.tsx";
import { useAction } from "../market/useAction.tsx";
import { useMillrace } from "../market/useMillrace.ts";
import { useModels } from "../market/useModels.ts";
import { ChoicesFields } from "./batch/ChoicesFields.tsx";
import { OpeningWords } from "./batch/OpeningWords.tsx";
import { QuoteView } from "./batch/QuoteView.tsx";

const MINUTE = 60;
const DEFAULT_TURNAROUND_MINUTES = 60;

/** What a batch is opened with. */
interface Draft extends BuyOptions {
  input: string;
}

/** Prices a file of requests, and opens it as a batch. */
export function NewBatchPage() {
  const millrace = useMillrace();
  const { query: models } = useModels();
  const navigate = useNavigate();
  const { runs } = useBatchRuns();
  const [hasOptions, options] = useDisclosure(false);
  const [file, setFile] = useState<File | null>(null);
  const [model, setModel] = useState<string | null>(null);
  const [minutes, setMinutes] = useState<number>(DEFAULT_TURNAROUND_MINUTES);
  const [promptLimit, setPromptLimit] = useState<bigint | undefined>();
  const [outputLimit, setOutputLimit] = useState<bigint | undefined>();
  const [choices, setChoices] = useState<RunChoices>({ paysByHand: false, checksByMarket: false });
  const quoting = useMutation({
    mutationFn: async (chosen: File): Promise<{ draft: Draft; quote: Quote }> => {
      const draft: Draft = {
        input: await chosen.text(),
        turnaroundSeconds: minutes * MINUTE,
        ...(model !== null && { model }),
        ...(promptLimit !== undefined && { promptLimitPerMillion: promptLimit }),
        ...(outputLimit !== undefined && { outputLimitPerMillion: outputLimit }),
      };
      return { draft, quote: await millrace.quote(draft) };
    },
  });
  /** A quote is of what it was asked for. */
  const change =
    <T,>(set: (value: T) => void) =>
    (value: T) => {
      set(value);
      quoting.reset();
    };
  const opening = useAction({
    title: "Open the batch",
    run: async (client, { draft, quote, chosen }: { draft: Draft; quote: Quote; chosen: RunChoices }) => {
      let isFound = false;
      const { batchId } = await client.batches.create({
        ...draft,
        // It may have moved since; it is not to lock more than what was shown.
        maxReserve: quote.reserve,
        metadata: metadataOf(chosen),
        onKept: ({ isResumed }) => {
          isFound = isResumed;
        },
      });
      runs.start(client, await client.batches.retrieve({ batchId }), chosen);
      await navigate(`/batches/${batchId}`);
      return { isFound };
    },
    done: ({ isFound }) =>
      isFound
        ? "This file had an unfinished batch, which goes on. Nothing was bought twice."
        : "It is open, and providers are at it.",
  });
  const ask = (event: FormEvent) => {
    event.preventDefault();
    if (file) quoting.mutate(file);
  };
  return (
    <Page
      title="New batch"
      description={
        <>
          A file in OpenAI's batch format: one request a line, each with its own <code>custom_id</code>. This
          tab sends it to providers, checks their answers and pays; keep it open, or come back and go on.
        </>
      }
    >
      <Panel title="Requests">
        <form onSubmit={ask} onInvalidCapture={options.open}>
          <Stack gap="md" maw={560}>
            <FileInput
              label="Batch file"
              description="JSON lines (.jsonl). It stays in this browser until providers take it, encrypted to them."
              placeholder="Choose a file"
              accept=".jsonl,.ndjson,.json,application/jsonl,text/plain"
              value={file}
              onChange={change(setFile)}
              required
              withAsterisk={false}
              clearable
              clearButtonProps={{ "aria-label": "Choose no file" }}
            />
            <Select
              label="Model"
              description="For all requests. By default each request names its own."
              placeholder="As the requests say"
              clearable
              clearButtonProps={{ "aria-label": "As the requests say" }}
              value={model}
              onChange={change(setModel)}
              data={(models.data ?? []).map(({ modelId, publisher, spec, best }) => ({
                value: modelId,
                label: `${spec.name} · ${shorten(modelId)} by ${shorten(publisher)}${best ? "" : " · nobody offers it now"}`,
              }))}
            />
            <Anchor
              component="button"
              type="button"
              size="sm"
              ta="left"
              onClick={options.toggle}
              aria-expanded={hasOptions}
            >
              {hasOptions ? "Fewer options" : "More options"}
            </Anchor>
            <Collapse expanded={hasOptions}>
              <Stack gap="md">
                <NumberInput
                  label="Turnaround"
                  description="How long a provider may take for a lot"
                  suffix=" minutes"
                  min={1}
                  max={43_200}
                  allowDecimal={false}
                  value={minutes}
                  onChange={(value) =>
                    change(setMinutes)(typeof value === "number" ? value : DEFAULT_TURNAROUND_MINUTES)
                  }
                />
                <AmountInput
                  label="Most for 10⁶ prompt tokens"
                  description="By default somewhat above the offers that would take it"
                  onChange={change(setPromptLimit)}
                />
                <AmountInput label="Most for 10⁶ output tokens" onChange={change(setOutputLimit)} />
                <ChoicesFields choices={choices} onChange={setChoices} />
              </Stack>
            </Collapse>
            <Group>
              <Button
                type="submit"
                disabled={!file}
                loading={quoting.isPending}
                variant={quoting.data ? "default" : "filled"}
              >
                Get a quote
              </Button>
            </Group>
          </Stack>
        </form>
      </Panel>
      <div role="alert">
        {quoting.error && (
          <Panel title="This file cannot be bought like that">
            <ErrorWords error={quoting.error} />
          </Panel>
        )}
      </div>
      {quoting.data && (
        <Panel title="Quote">
          <Stack gap="md">
            <QuoteView quote={quoting.data.quote} />
            <div>
              <ActionButton
                label="Open the batch"
                action={opening}
                options={{ ...quoting.data, chosen: choices }}
              >
                <OpeningWords quote={quoting.data.quote} choices={choices} />
              </ActionButton>
            </div>
            <Text size="sm" c="dimmed">
              Not enough in the Market?{" "}
              <Anchor component={Link} to="/account" underline="always">
                Deposit more
              </Anchor>
              .
            </Text>
          </Stack>
        </Panel>
      )}
    </Page>
  );
}
