import type { Address } from "viem";
import { Amount } from "../../components/Amount.tsx";
import { Figure } from "../../components/Figure.tsx";
import { Figures } from "../../components/Figures.tsx";
import { formatCount } from "../../components/formats.ts";
import { Loaded } from "../../components/Loaded.tsx";
import { useIndexed } from "../../market/useIndexed.ts";
import { Operators } from "./Operators.tsx";
import { SeatsPanel } from "./SeatsPanel.tsx";

/** What an account did so far, by the indexer: who may act for it, its seats, and its sums. */
export function History({ address }: { address: Address }) {
  const account = useIndexed(["account", address], (indexer) => indexer.account({ address }));
  return (
    <Loaded query={account}>
      {(data) => (
        <>
          <Operators operators={data.operators} />
          {data.seats.length > 0 && <SeatsPanel seats={data.seats} />}
          <Figures>
            <Figure label="Deposited" value={<Amount value={data.deposited} />} />
            <Figure label="Withdrawn" value={<Amount value={data.withdrawn} />} />
            <Figure
              label="Spent as a buyer"
              value={<Amount value={data.spent} />}
              hint={`${formatCount(data.jobs)} jobs`}
            />
            <Figure
              label="Earned as a provider"
              value={<Amount value={data.earned} />}
              hint={`${formatCount(data.lots)} lots`}
            />
          </Figures>
        </>
      )}
    </Loaded>
  );
}
