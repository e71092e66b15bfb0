import { Alert, Group, Text } from "@mantine/core";
import { ActionButton } from "../../components/ActionButton.tsx";
import { Amount } from "../../components/Amount.tsx";
import { Time } from "../../components/Time.tsx";
import { useAction } from "../../market/useAction.tsx";
import { useNow } from "../../market/useNow.ts";

/** MILL on its way out: when it can be had, and the way back. @param until last second of the cooldown */
export function ExitNotice({ cooling, until }: { cooling: bigint; until: number }) {
  const now = useNow();
  const isCooled = now > until;
  const withdraw = useAction({
    title: "Withdraw MILL",
    run: (millrace, _: true) => millrace.governance.withdraw(),
  });
  const cancel = useAction({
    title: "Cancel exit",
    run: (millrace, _: true) => millrace.governance.cancelExit(),
  });
  return (
    <Alert
      variant="light"
      color={isCooled ? "teal" : "gray"}
      title={isCooled ? "Your exit is over" : "On its way out"}
    >
      <Group justify="space-between">
        <Text size="sm">
          <Amount value={cooling} of="mill" />{" "}
          {isCooled ? (
            "can be withdrawn."
          ) : (
            <>
              can be withdrawn <Time seconds={until + 1} />. They neither vote nor share fees.
            </>
          )}
        </Text>
        <Group gap="xs">
          <ActionButton label="Cancel exit" size="xs" variant="default" action={cancel} options={true}>
            <Text>
              <Amount value={cooling} of="mill" /> are staked again, and vote and share fees from now on.
            </Text>
          </ActionButton>
          <ActionButton
            label="Withdraw"
            size="xs"
            action={withdraw}
            options={isCooled ? (true as const) : undefined}
          >
            <Text>
              <Amount value={cooling} of="mill" /> are paid to your wallet.
            </Text>
          </ActionButton>
        </Group>
      </Group>
    </Alert>
  );
}
