import { Stack, Text } from "@mantine/core";
import { useState } from "react";
import { ActionButton } from "../../components/ActionButton.tsx";
import { Amount } from "../../components/Amount.tsx";
import { AmountInput } from "../../components/AmountInput.tsx";
import { Panel } from "../../components/Panel.tsx";
import { useAction } from "../../market/useAction.tsx";

const words = {
  deposit: {
    title: "Deposit",
    label: "Amount to deposit",
    what: "moves from your wallet into the market, where it pays for your jobs or stands as collateral.",
  },
  withdraw: {
    title: "Withdraw",
    label: "Amount to withdraw",
    what: "moves from the market to your wallet.",
  },
};

/** Moves the asset into the market, or out of it. @param available the most that can be moved */
export function MoveForm({ kind, available }: { kind: "deposit" | "withdraw"; available: bigint }) {
  const { title, label, what } = words[kind];
  const [amount, setAmount] = useState<bigint>();
  // Another field of the same kind: empty again.
  const [round, setRound] = useState(0);
  const action = useAction({
    title,
    run: (millrace, value: bigint) => millrace.account[kind]({ amount: value }),
  });
  return (
    <Panel title={title}>
      <Stack gap="sm" align="stretch">
        <AmountInput key={round} label={label} max={available} onChange={setAmount} />
        <ActionButton
          label={title}
          action={action}
          options={amount}
          onDone={() => {
            setAmount(undefined);
            setRound(round + 1);
          }}
        >
          {amount !== undefined && (
            <Text>
              <Amount value={amount} /> {what}
            </Text>
          )}
        </ActionButton>
      </Stack>
    </Panel>
  );
}
