import { Group, Paper, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { Address as AddressValue } from "viem";
import { ActionButton } from "../../components/ActionButton.tsx";
import { Amount } from "../../components/Amount.tsx";
import { AmountInput } from "../../components/AmountInput.tsx";
import { Loaded } from "../../components/Loaded.tsx";
import { useAction } from "../../market/useAction.tsx";
import { useChain } from "../../market/useChain.ts";

/** What the reader has in a provider's pool, and the way out. Nothing where they have none. */
export function MyBacking({ provider, backer }: { provider: AddressValue; backer: AddressValue }) {
  const backings = useChain(["backing", backer, provider], (millrace) =>
    millrace.backing.list({ backer, provider }),
  );
  const [amount, setAmount] = useState<bigint>();
  const [round, setRound] = useState(0);
  const leave = useAction({
    title: "Leave",
    run: (millrace, value: bigint) => millrace.backing.leave({ provider, amount: value }),
  });
  const withdraw = useAction({
    title: "Withdraw backing",
    run: (millrace, _: true) => millrace.backing.withdraw({ provider }),
  });
  return (
    <Loaded query={backings} rows={1}>
      {([backing]) => {
        if (!backing) return null;
        const claimed = backing.exits.reduce((sum, exit) => sum + exit.claimed, 0n);
        const payable = backing.exits.reduce((sum, exit) => sum + exit.payable, 0n);
        return (
          <Paper p="sm" bg="var(--mantine-color-race-light)">
            <Stack gap="xs">
              <Group justify="space-between">
                <Text size="sm">You have in it</Text>
                <Text fw={600}>
                  <Amount value={backing.worth} />
                </Text>
              </Group>
              {backing.worth > 0n && (
                <>
                  <AmountInput
                    key={round}
                    label="Amount to take out"
                    max={backing.worth}
                    onChange={setAmount}
                  />
                  <Group>
                    <ActionButton
                      label="Leave"
                      action={leave}
                      options={amount}
                      variant="default"
                      onDone={() => {
                        setAmount(undefined);
                        setRound(round + 1);
                      }}
                    >
                      {amount !== undefined && (
                        <Text>
                          <Amount value={amount} /> stop earning now. They can be withdrawn once the lots that
                          they answer for are over, with what slashes left of them.
                        </Text>
                      )}
                    </ActionButton>
                  </Group>
                </>
              )}
              {claimed > 0n && (
                <Group justify="space-between">
                  <Text size="sm">
                    On its way out: <Amount value={claimed} />, of which <Amount value={payable} /> can be had
                    now
                  </Text>
                  <ActionButton
                    label="Withdraw"
                    size="xs"
                    action={withdraw}
                    options={payable > 0n ? (true as const) : undefined}
                  >
                    <Text>
                      <Amount value={payable} /> move to your free balance in the market.
                    </Text>
                  </ActionButton>
                </Group>
              )}
            </Stack>
          </Paper>
        );
      }}
    </Loaded>
  );
}
