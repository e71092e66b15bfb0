import type { ProviderRecord } from "@millrace/protocol";
import { Amount } from "../../components/Amount.tsx";
import { Figure } from "../../components/Figure.tsx";
import { Figures } from "../../components/Figures.tsx";
import { formatCount, formatShortCount } from "../../components/formats.ts";

/** How a provider has done, in numbers. */
export function RecordFigures({ record }: { record: ProviderRecord }) {
  const { completed, late, released, slashed, running, checks } = record;
  const tokens = BigInt(record.promptTokens) + BigInt(record.outputTokens);
  return (
    <Figures>
      <Figure label="Lots done" value={formatCount(completed)} hint={`${formatCount(running)} running`} />
      <Figure
        label="Failed"
        value={formatCount(late + released + slashed)}
        hint={`${formatCount(late)} late, ${formatCount(released)} given back, ${formatCount(slashed)} slashed`}
      />
      <Figure
        label="Requests answered"
        value={formatCount(record.items)}
        hint={`${formatShortCount(tokens)} tokens`}
      />
      <Figure
        label="Earned"
        value={<Amount value={record.earned} />}
        hint={
          <>
            <Amount value={record.lost} /> of collateral lost
          </>
        }
      />
      <Figure
        label="Disputed items"
        value={formatCount(checks.itemsDisputed)}
        hint={`${formatCount(checks.itemsCleared)} cleared, ${formatCount(checks.faultsJudged + checks.faultsProven)} found wrong`}
      />
      <Figure
        label="Receipts demanded"
        value={formatCount(checks.receiptsDemanded)}
        hint={`${formatCount(checks.receiptsShown)} shown`}
      />
    </Figures>
  );
}
