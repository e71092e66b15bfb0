import { Group, SimpleGrid, Stack, Text } from "@mantine/core";
import type { Address as AddressValue } from "viem";
import { ActionButton } from "../../components/ActionButton.tsx";
import { Address } from "../../components/Address.tsx";
import { Amount } from "../../components/Amount.tsx";
import { Figure } from "../../components/Figure.tsx";
import { Loaded } from "../../components/Loaded.tsx";
import { Panel } from "../../components/Panel.tsx";
import { useAction } from "../../market/useAction.tsx";
import { useChain } from "../../market/useChain.ts";
import { DelegateForm } from "./DelegateForm.tsx";
import { ExitNotice } from "./ExitNotice.tsx";
import { StakeForm } from "./StakeForm.tsx";

/** What the reader holds and has staked, straight from the chain, and all that can be done with it. */
export function Position({ address }: { address: AddressValue }) {
  const position = useChain(["stakePosition", address], (millrace) =>
    millrace.governance.position({ address }),
  );
  const claim = useAction({
    title: "Claim fees",
    run: (millrace, _: true) => millrace.governance.claimFees(),
  });
  return (
    <Panel title="Your stake">
      <Loaded query={position}>
        {({ wallet, staked, votes, delegate, cooling, coolingUntil, fees }) => (
          <Stack gap="lg">
            <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="lg">
              <Figure label="Staked" value={<Amount value={staked} of="mill" />} />
              <Figure label="In your wallet" value={<Amount value={wallet} of="mill" />} />
              <Figure
                label="Your votes"
                value={<Amount value={votes} of="mill" />}
                hint={
                  delegate ? (
                    <>
                      yours go to <Address address={delegate} hideCopy />
                    </>
                  ) : (
                    "yours go to nobody yet"
                  )
                }
              />
              <Figure
                label="Fees to claim"
                value={<Amount value={fees} />}
                hint={
                  <Group mt={6}>
                    <ActionButton
                      label="Claim fees"
                      size="xs"
                      action={claim}
                      options={fees > 0n ? (true as const) : undefined}
                    >
                      <Text>
                        <Amount value={fees} /> are paid to your wallet.
                      </Text>
                    </ActionButton>
                  </Group>
                }
              />
            </SimpleGrid>
            {cooling > 0n && <ExitNotice cooling={cooling} until={coolingUntil} />}
            <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="lg">
              <StakeForm kind="stake" available={wallet} />
              <StakeForm kind="exit" available={staked} />
              <DelegateForm own={address} delegate={delegate} />
            </SimpleGrid>
          </Stack>
        )}
      </Loaded>
    </Panel>
  );
}
