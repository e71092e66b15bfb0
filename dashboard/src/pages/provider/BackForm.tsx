import { Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { Address as AddressValue } from "viem";
import { ActionButton } from "../../components/ActionButton.tsx";
import { Address } from "../../components/Address.tsx";
import { Amount } from "../../components/Amount.tsx";
import { AmountInput } from "../../components/AmountInput.tsx";
import { formatBps } from "../../components/formats.ts";
import { useAction } from "../../market/useAction.tsx";
import { useChain } from "../../market/useChain.ts";
import { useWallet } from "../../market/useWallet.ts";

/** Puts free balance behind a provider. */
export function BackForm({ provider, commissionBps }: { provider: AddressValue; commissionBps: number }) {
  const { address } = useWallet();
  const balance = useChain(
    ["balance", address],
    (millrace) => millrace.account.balance({ address: address! }),
    {
      enabled: address !== undefined,
    },
  );
  const [amount, setAmount] = useState<bigint>();
  const [round, setRound] = useState(0);
  const back = useAction({
    title: "Back",
    run: (millrace, terms: { amount: bigint; maxCommissionBps: number }) =>
      millrace.backing.add({ provider, ...terms }),
  });
  return (
    <Stack gap="xs">
      <AmountInput
        key={round}
        label="Amount to back with"
        description="From what you have free in the market"
        max={balance.data?.free}
        onChange={setAmount}
      />
      <Group>
        <ActionButton
          label="Back"
          action={back}
          options={amount === undefined ? undefined : { amount, maxCommissionBps: commissionBps }}
          onDone={() => {
            setAmount(undefined);
            setRound(round + 1);
          }}
        >
          {amount !== undefined && (
            <Stack gap="xs">
              <Text>
                Behind <Address address={provider} hideCopy /> go <Amount value={amount} /> of your free
                balance.
              </Text>
              <Text size="sm">
                It earns a share of the provider's pay, less {formatBps(commissionBps)} commission. If the
                provider is slashed, this money pays for what its own collateral does not, lots that run
                already included. What you take out waits for the lots that it answers for.
              </Text>
            </Stack>
          )}
        </ActionButton>
      </Group>
    </Stack>
  );
}
