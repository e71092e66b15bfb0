import { Button, Select, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { BatchItem, ChallengeTerms, LotView } from "@millrace/client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { choicesOf } from "../../batches/runChoices.ts";
import { useBatchRuns } from "../../batches/useBatchRuns.ts";
import { useOwnBatch } from "../../batches/useOwnBatch.ts";
import { ActionButton } from "../../components/ActionButton.tsx";
import { Amount } from "../../components/Amount.tsx";
import { ErrorWords } from "../../components/ErrorWords.tsx";
import { Loaded } from "../../components/Loaded.tsx";
import { useAction } from "../../market/useAction.tsx";
import { useChain } from "../../market/useChain.ts";
import { useMillrace } from "../../market/useMillrace.ts";

/** So many are shown at a time; typing finds the others. */
const MOST_SHOWN = 50;

/** Takes one item of a lot to court. Needs the secrets of the batch, which only the browser that opened it has. */
export function ChallengeItem({ view }: { view: LotView }) {
  const batchId = useOwnBatch(view.lot.jobId);
  const [isOpen, { open }] = useDisclosure(false);
  if (batchId === undefined) {
    return (
      <Text size="sm" c="dimmed" maw={420}>
        Only the browser, or the folder, in which the batch was opened can challenge an item: the evidence is
        there.
      </Text>
    );
  }
  if (isOpen) return <ChallengeForm view={view} batchId={batchId} />;
  return (
    <Button size="xs" variant="default" onClick={open}>
      Challenge an item
    </Button>
  );
}

function ChallengeForm({ view, batchId }: { view: LotView; batchId: string }) {
  const { lotId, lot } = view;
  const millrace = useMillrace();
  const terms = useChain(["challenge", batchId, lotId], (client) => client.cases.terms({ batchId, lotId }));
  const items = useQuery({
    queryKey: ["items", batchId],
    queryFn: () => millrace.batches.items({ batchId }),
    // Where a request went never changes.
    staleTime: Number.POSITIVE_INFINITY,
  });
  const isOfLot = ({ jobId, index }: BatchItem) =>
    jobId === lot.jobId && index >= lot.firstItem && index < lot.firstItem + lot.itemCount;
  return (
    <Stack gap={6} w="100%" maw={460}>
      <Loaded query={terms} rows={1}>
        {(known) =>
          known.obstacle ? (
            <ErrorWords error={known.obstacle} />
          ) : (
            <Loaded query={items} rows={1}>
              {(all) => (
                <ChallengeFields view={view} batchId={batchId} terms={known} items={all.filter(isOfLot)} />
              )}
            </Loaded>
          )
        }
      </Loaded>
    </Stack>
  );
}

function ChallengeFields({
  view: { lotId, lot },
  batchId,
  terms: { bond, maxBonds },
  items,
}: {
  view: LotView;
  batchId: string;
  terms: ChallengeTerms;
  items: readonly BatchItem[];
}) {
  const { runs } = useBatchRuns();
  const [index, setIndex] = useState<string | null>(null);
  const action = useAction({
    title: "Challenge a request",
    run: async (millrace, options: { index: number; maxBonds: bigint }) => {
      await millrace.cases.challenge({ batchId, lotId, ...options });
      // The case has steps that are the challenger's; the running batch takes them.
      const batch = await millrace.batches.retrieve({ batchId });
      runs.start(millrace, batch, { ...choicesOf(batch.metadata), paysByHand: true });
    },
    done: () => "The court has the case. Keep this tab open: the evidence comes from here.",
  });
  const chosen = items.find((item) => String(item.index) === index);
  return (
    <>
      <Select
        label="Request to challenge"
        description="By its custom_id, and its place in your file"
        placeholder="Choose one"
        searchable
        limit={MOST_SHOWN}
        nothingFoundMessage="No request of this lot is called so"
        value={index}
        onChange={setIndex}
        data={items.map((item) => ({
          value: String(item.index),
          label: `${item.customId} (request ${item.position + 1})`,
        }))}
      />
      <div>
        <ActionButton
          label="Challenge this request"
          size="xs"
          action={action}
          options={chosen && { index: chosen.index - lot.firstItem, maxBonds }}
          isDangerous
        >
          <Stack gap="xs">
            <Text>
              You say that the answer to {chosen?.customId} was not computed as agreed. Jurors compute it
              again and vote on how far off it is.
            </Text>
            <Text>
              This costs a bond of <Amount value={bond} />. If they find a fault it comes back, and the
              provider pays; if they do not, the bond pays them.
            </Text>
            <Text size="sm" c="dimmed">
              The jurors get to see this request and its answer. Until the case is over the lot is not paid.
            </Text>
          </Stack>
        </ActionButton>
      </div>
    </>
  );
}
