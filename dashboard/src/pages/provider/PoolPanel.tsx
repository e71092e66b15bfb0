import { SimpleGrid, Stack, Text } from "@mantine/core";
import type { PoolView } from "@millrace/protocol";
import type { Address as AddressValue } from "viem";
import { Amount } from "../../components/Amount.tsx";
import { Empty } from "../../components/Empty.tsx";
import { Figure } from "../../components/Figure.tsx";
import { formatBps, formatCount } from "../../components/formats.ts";
import { Loaded } from "../../components/Loaded.tsx";
import { Panel } from "../../components/Panel.tsx";
import { useChain } from "../../market/useChain.ts";
import { useWallet } from "../../market/useWallet.ts";
import { BackForm } from "./BackForm.tsx";
import { MyBacking } from "./MyBacking.tsx";

/** The pool that backs a provider: what it holds by the chain, what it did by its events, and the ways in and out. */
export function PoolPanel({ provider, pool }: { provider: AddressValue; pool: PoolView | undefined }) {
  const { address } = useWallet();
  const present = useChain(["pool", provider], (millrace) => millrace.backing.pool({ provider }));
  return (
    <Panel title="Backers">
      <Loaded query={present}>
        {({ isOpen, commissionBps, assets, locked }) =>
          !isOpen && assets === 0n && !pool ? (
            <Empty title="It takes no backers">All of its collateral is its own.</Empty>
          ) : (
            <Stack gap="md">
              <SimpleGrid cols={2} spacing="sm">
                <Figure
                  label="In the pool"
                  value={<Amount value={assets} />}
                  hint={
                    <>
                      <Amount value={locked} /> locked in lots
                    </>
                  }
                />
                <Figure
                  label="Commission"
                  value={formatBps(commissionBps)}
                  hint={isOpen ? "of what backers' collateral earns" : "closed: it takes no more"}
                />
                {pool && (
                  <>
                    <Figure
                      label="Earned for backers"
                      value={<Amount value={pool.earned} />}
                      hint={`${formatCount(pool.backers.length)} ever backed it`}
                    />
                    <Figure label="Slashed" value={<Amount value={pool.slashed} />} />
                  </>
                )}
              </SimpleGrid>
              {address && <MyBacking provider={provider} backer={address} />}
              {isOpen && <BackForm provider={provider} commissionBps={commissionBps} />}
              {isOpen && (
                <Text size="xs" c="dimmed">
                  Backers share what the provider earns, and bear its slashes beyond its own part.
                </Text>
              )}
            </Stack>
          )
        }
      </Loaded>
    </Panel>
  );
}
