import type { StakeSummary } from "@millrace/protocol";
import { Amount } from "../../components/Amount.tsx";
import { Figure } from "../../components/Figure.tsx";
import { Figures } from "../../components/Figures.tsx";
import { formatCount, formatDuration } from "../../components/formats.ts";
import { stakeYield } from "../../estimates/stakeYield.ts";
import { useNow } from "../../market/useNow.ts";

const THOUSAND = 1_000;

/** What is staked, and what it brings. */
export function StakeFigures({ summary }: { summary: StakeSummary }) {
  const now = useNow();
  const lately = stakeYield(summary, now);
  return (
    <Figures>
      <Figure
        label="Staked"
        value={<Amount value={summary.staked} of="mill" />}
        hint={`by ${formatCount(summary.stakers)} holders`}
      />
      <Figure
        label="Fees shared out"
        value={<Amount value={summary.feesTotal} />}
        hint="since the market began"
      />
      <Figure
        label="Per 1,000 MILL staked"
        value={lately ? <Amount value={BigInt(Math.round(lately.perMill * THOUSAND))} /> : "–"}
        hint={lately ? `in the last ${formatDuration(lately.seconds)}` : "no fee has come in lately"}
      />
    </Figures>
  );
}
