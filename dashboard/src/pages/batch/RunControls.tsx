import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import type { BatchState } from "@millrace/client";
import { useState } from "react";
import { isAddressEqual } from "viem";
import type { BatchRun } from "../../batches/batchRuns.ts";
import { choicesOf } from "../../batches/runChoices.ts";
import { useBatchRuns } from "../../batches/useBatchRuns.ts";
import { Address } from "../../components/Address.tsx";
import { ConnectWallet } from "../../components/ConnectWallet.tsx";
import { ErrorWords } from "../../components/ErrorWords.tsx";
import { formatCount } from "../../components/formats.ts";
import { useMarket } from "../../market/useMarket.ts";
import { useWallet } from "../../market/useWallet.ts";
import { ChoicesFields } from "./ChoicesFields.tsx";
import { isElsewhere } from "./standingOf.ts";

/** Who drives an unfinished batch, what follows from that, and what pauses it or goes on. */
export function RunControls({ batch, run }: { batch: BatchState; run: BatchRun | undefined }) {
  const { address } = useWallet();
  const { runs } = useBatchRuns();
  if (isElsewhere(batch, run)) {
    return <Text size="sm">This batch is open in another tab, which drives it.</Text>;
  }
  if (run?.state === "running") {
    return (
      <Group>
        <Button variant="default" onClick={() => runs.pause(batch.batchId)}>
          Pause
        </Button>
        <Text size="sm" c="dimmed" maw={520}>
          {run.choices.paysByHand
            ? "This tab sends requests to providers and checks what they answer. It pays no lot before its time is over: whether sooner, you say. Keep it open."
            : "This tab sends requests to providers, checks what they answer and pays. Keep it open."}
        </Text>
      </Group>
    );
  }
  const isOwn = address !== undefined && isAddressEqual(address, batch.buyer);
  return (
    <Stack gap="sm">
      {run?.state === "stopped" && (
        <Alert color="red" variant="light" title="This tab has stopped driving the batch">
          <ErrorWords error={run.error} />
        </Alert>
      )}
      <Text size="sm">{whatWaits(batch)}</Text>
      {isOwn ? (
        <GoOn batch={batch} run={run} />
      ) : (
        <Stack gap="xs" align="flex-start">
          <Text size="sm" component="div">
            It belongs to <Address address={batch.buyer} />, who alone can go on with it.
          </Text>
          {address === undefined && <ConnectWallet />}
        </Stack>
      )}
    </Stack>
  );
}

function GoOn({ batch, run }: { batch: BatchState; run: BatchRun | undefined }) {
  const { millrace, signer } = useMarket();
  const { runs } = useBatchRuns();
  const [choices, setChoices] = useState(() => run?.choices ?? choicesOf(batch.metadata));
  return (
    <>
      <ChoicesFields choices={choices} onChange={setChoices} />
      <Group>
        <Button disabled={signer === undefined} onClick={() => runs.start(millrace, batch, choices)}>
          Go on
        </Button>
      </Group>
    </>
  );
}

/** What comes of it while nobody drives a batch. */
function whatWaits({ status, jobs }: BatchState): string {
  const count = (field: "unassigned" | "assigned" | "submitted") =>
    jobs.reduce((sum, { items }) => sum + items[field], 0);
  const [waiting, assigned, submitted] = [count("unassigned"), count("assigned"), count("submitted")];
  if (status === "not-opened") {
    return jobs.some(({ view }) => view.job)
      ? "Not all of its jobs are open. Going on opens the others, at the terms that it was begun with."
      : "It is not open, and nothing is locked for it. Going on opens it, at the terms that it was begun with.";
  }
  const parts = [
    waiting > 0 && `Not taken yet: ${formatCount(waiting)}; who takes them is not sent them.`,
    assigned > 0 &&
      `With providers: ${formatCount(assigned)}; what these still need is not sent, and late ones keep them.`,
    submitted > 0 &&
      `Answered: ${formatCount(submitted)}; what of that is not checked yet stays so, and is paid when the time to object is over, right or wrong.`,
  ].filter((part) => part !== false);
  return ["This tab does not drive the batch.", ...parts].join(" ");
}
