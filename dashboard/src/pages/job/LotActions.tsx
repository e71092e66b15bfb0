import { Text } from "@mantine/core";
import type { LotView } from "@millrace/client";
import { ActionButton } from "../../components/ActionButton.tsx";
import { Amount } from "../../components/Amount.tsx";
import { useAction } from "../../market/useAction.tsx";
import { useNow } from "../../market/useNow.ts";
import { AcceptLots } from "./AcceptLots.tsx";
import { ChallengeItem } from "./ChallengeItem.tsx";
import { itemsOf } from "./itemsOf.ts";
import { paidWords } from "./paidWords.ts";

/**
 * What can be done about a lot now. Settling and expiring are anyone's; the rest is the buyer's.
 *
 * @param view the lot by the chain
 */
export function LotActions({ view, isBuyer }: { view: LotView; isBuyer: boolean }) {
  const now = useNow();
  const { status, windowEnd = 0, lot } = view;
  const isHeld = status === "demanded" || status === "challenged";
  return (
    <>
      {status === "submitted" && isBuyer && <AcceptLots label="Accept" jobId={lot.jobId} lots={[view]} />}
      {(status === "submitted" || isHeld) && now > windowEnd && <Settle view={view} />}
      {status === "assigned" && now > lot.deadline && <Expire view={view} />}
      {status === "submitted" && isBuyer && now <= windowEnd && <ChallengeItem view={view} />}
    </>
  );
}

function Settle({ view }: { view: LotView }) {
  const { lotId, lot, due = 0n } = view;
  const action = useAction({
    title: "Settle",
    run: (millrace, _: true) => millrace.lots.settle({ jobId: lot.jobId, lotIds: [lotId] }),
    done: (become) => paidWords(become, [view]),
  });
  return (
    <ActionButton label="Settle" size="xs" variant="default" action={action} options={true as const}>
      <Text>
        {itemsOf(lot)}: the time to object is over, and the provider is paid by what it committed to,{" "}
        <Amount value={due} /> with the fee. Anyone may do this.
      </Text>
    </ActionButton>
  );
}

function Expire({ view: { lotId, lot } }: { view: LotView }) {
  const action = useAction({
    title: "Expire",
    run: (millrace, _: true) => millrace.lots.expire({ jobId: lot.jobId, lotIds: [lotId] }),
    done: (taken) =>
      taken.length > 0
        ? "The lot waits for another provider."
        : "Somebody was quicker, or the chain's clock is behind.",
  });
  return (
    <ActionButton label="Expire" size="xs" variant="default" action={action} options={true as const}>
      <Text>
        The provider of {itemsOf(lot).toLowerCase()} is late. They go to another one, and{" "}
        <Amount value={lot.penalty} /> of its collateral to the buyer, with a bounty out of it for whoever
        sends this.
      </Text>
    </ActionButton>
  );
}
