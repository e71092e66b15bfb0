import { Stack, Text } from "@mantine/core";
import { useState } from "react";
import { ActionButton } from "../../components/ActionButton.tsx";
import { Amount } from "../../components/Amount.tsx";
import { AmountInput } from "../../components/AmountInput.tsx";
import { formatDuration } from "../../components/formats.ts";
import { useAction } from "../../market/useAction.tsx";
import { useChain } from "../../market/useChain.ts";

/** Stakes MILL, or begins to take it out. @param available the most that can be */
export function StakeForm({ kind, available }: { kind: "stake" | "exit"; available: bigint }) {
  const isStake = kind === "stake";
  const title = isStake ? "Stake" : "Begin exit";
  const [amount, setAmount] = useState<bigint>();
  const [round, setRound] = useState(0);
  const rules = useChain(["governanceRules"], (millrace) => millrace.governance.rules());
  const action = useAction({
    title,
    run: (millrace, value: bigint) =>
      isStake
        ? millrace.governance.stake({ amount: value })
        : millrace.governance.beginExit({ amount: value }),
  });
  const cooldown = rules.data ? formatDuration(rules.data.cooldownSeconds) : "the cooldown";
  return (
    <Stack gap="xs" justify="flex-end">
      <AmountInput
        key={round}
        label={isStake ? "MILL to stake" : "MILL to take out"}
        of="mill"
        max={available}
        onChange={setAmount}
      />
      <ActionButton
        label={title}
        action={action}
        options={amount}
        variant={isStake ? "filled" : "default"}
        onDone={() => {
          setAmount(undefined);
          setRound(round + 1);
        }}
      >
        {amount !== undefined && (
          <Text>
            <Amount value={amount} of="mill" />{" "}
            {isStake
              ? `are staked: they vote and share fees from now on. Taking them out takes ${cooldown}.`
              : `stop voting and sharing fees now. They can be withdrawn after ${cooldown}; what is cooling already waits anew with them.`}
          </Text>
        )}
      </ActionButton>
    </Stack>
  );
}
