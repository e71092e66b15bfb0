import { Button, Group, Modal, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { ExactContext } from "./exact.ts";

/**
 * Says in words what is about to be sent, and asks for a yes. Amounts have every digit in it, addresses every letter.
 *
 * @param children what happens, what it costs, and what cannot be undone
 */
export function Confirm({
  opened,
  title,
  confirmLabel,
  isPending,
  isDangerous = false,
  onConfirm,
  onClose,
  children,
}: {
  opened: boolean;
  title: string;
  confirmLabel: string;
  isPending: boolean;
  isDangerous?: boolean;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      centered
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Stack gap="md">
        <div>
          <ExactContext value={true}>{children}</ExactContext>
        </div>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            {...(isDangerous && { color: "red" })}
            loading={isPending}
            onClick={onConfirm}
            data-autofocus
          >
            {confirmLabel}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
