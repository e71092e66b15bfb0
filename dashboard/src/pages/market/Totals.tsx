import { Amount } from "../../components/Amount.tsx";
import { Figure } from "../../components/Figure.tsx";
import { Figures } from "../../components/Figures.tsx";
import { formatCount, formatShortCount } from "../../components/formats.ts";
import { Loaded } from "../../components/Loaded.tsx";
import { useIndexed } from "../../market/useIndexed.ts";

/** The market in a few numbers. */
export function Totals() {
  const totals = useIndexed(["totals"], (indexer) => indexer.totals());
  return (
    <Loaded query={totals} rows={2}>
      {(data) => (
        <Figures>
          <Figure
            label="Providers selling now"
            value={formatCount(data.providers)}
            hint={`${formatCount(data.liveOffers)} live offers`}
          />
          <Figure
            label="Requests answered"
            value={formatCount(data.items)}
            hint={`${formatShortCount(BigInt(data.promptTokens) + BigInt(data.outputTokens))} tokens`}
          />
          <Figure
            label="Paid to providers"
            value={<Amount value={data.paid} />}
            hint={`in ${formatCount(data.lots)} lots of ${formatCount(data.jobs)} jobs`}
          />
          <Figure label="Fees to MILL stakers" value={<Amount value={data.fees} />} />
          <Figure
            label="Open disputes"
            value={formatCount(data.openCases)}
            hint={
              <>
                {formatCount(data.cases)} so far, <Amount value={data.slashed} /> slashed
              </>
            }
          />
        </Figures>
      )}
    </Loaded>
  );
}
