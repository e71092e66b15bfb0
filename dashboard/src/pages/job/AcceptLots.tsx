import { List, Stack, Text } from "@mantine/core";
import type { LotView, Millrace } from "@millrace/client";
import type { Hex } from "viem";
import { ActionButton } from "../../components/ActionButton.tsx";
import { Address } from "../../components/Address.tsx";
import { Amount } from "../../components/Amount.tsx";
import { useAction } from "../../market/useAction.tsx";
import { itemsOf } from "./itemsOf.ts";
import { paidWords } from "./paidWords.ts";

/**
 * Pays answered lots at once.
 *
 * @param lots by the chain: what is agreed to is what is paid
 */
export function AcceptLots({ label, jobId, lots }: { label: string; jobId: Hex; lots: readonly LotView[] }) {
  const action = useAction({
    title: label,
    run: (millrace, options: Parameters<Millrace["lots"]["accept"]>[0]) => millrace.lots.accept(options),
    done: (become) => paidWords(become, lots),
  });
  const due = lots.reduce((sum, { due: one = 0n }) => sum + one, 0n);
  const locked = lots.reduce((sum, { lot }) => sum + lot.escrow, 0n);
  return (
    <ActionButton
      label={label}
      size="xs"
      action={action}
      options={{ jobId, lotIds: lots.map(({ lotId }) => lotId), maxDue: due }}
    >
      <Stack gap="xs">
        <List size="sm">
          {lots.map(({ lotId, lot, due: one = 0n }) => (
            <List.Item key={lotId}>
              {itemsOf(lot)}: <Amount value={one} /> to <Address address={lot.provider} hideCopy />
            </List.Item>
          ))}
        </List>
        <Text>
          At most <Amount value={due} /> is paid, fees included, without waiting for a window to end.{" "}
          <Amount value={locked - due} /> of what is locked becomes free.
        </Text>
        <Text size="sm" c="dimmed">
          What is paid cannot be challenged any more.
        </Text>
      </Stack>
    </ActionButton>
  );
}
