import { SimpleGrid } from "@mantine/core";
import type { Address } from "viem";
import { Amount } from "../../components/Amount.tsx";
import { Figure } from "../../components/Figure.tsx";
import { Figures } from "../../components/Figures.tsx";
import { Loaded } from "../../components/Loaded.tsx";
import { useChain } from "../../market/useChain.ts";
import { MoveForm } from "./MoveForm.tsx";

/** What an account has in the market and in its wallet, and the ways in and out. */
export function Balances({ address }: { address: Address }) {
  const balance = useChain(["balance", address], (millrace) => millrace.account.balance({ address }));
  return (
    <Loaded query={balance}>
      {({ free, locked, wallet }) => (
        <>
          <Figures>
            <Figure label="Free in the market" value={<Amount value={free} />} hint="Withdrawable now" />
            <Figure
              label="Locked"
              value={<Amount value={locked} />}
              hint="Escrow of jobs, collateral of lots and seats"
            />
            <Figure label="In your wallet" value={<Amount value={wallet} />} hint="Outside of the market" />
          </Figures>
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <MoveForm kind="deposit" available={wallet} />
            <MoveForm kind="withdraw" available={free} />
          </SimpleGrid>
        </>
      )}
    </Loaded>
  );
}
