import { List, Text } from "@mantine/core";
import { describeProposal, type GovernedNumbers } from "@millrace/client";
import type {
  CourtParameters,
  MarketParameters,
  ParametersVersion,
  ProposalDetail,
} from "@millrace/protocol";
import { Loaded } from "../../components/Loaded.tsx";
import { useAsset } from "../../market/useAsset.ts";
import { useChain } from "../../market/useChain.ts";
import { useIndexed } from "../../market/useIndexed.ts";
import { useMarket } from "../../market/useMarket.ts";

/** What a proposal changes, a line each, against what is in force; or was, when it was executed. */
export function ProposalChanges({ proposal }: { proposal: ProposalDetail }) {
  const { network } = useMarket();
  const asset = useAsset();
  const governed = useChain(["governed"], (millrace) => millrace.governance.parameters());
  const { data: versions } = useIndexed(["parameters"], (indexer) => indexer.parameters());
  const { calldatas, targets, values, executedAt } = proposal;
  return (
    <Loaded query={governed}>
      {(now) => {
        const before = executedAt && versions?.find(({ at }) => at.block < executedAt.block);
        const base = before ? { ...numbersOf(before), guardian: now.guardian } : now;
        const lines = describeProposal(calldatas, base, {
          targets,
          values: values.map(BigInt),
          contracts: network,
          ...asset,
        });
        return (
          <>
            <List>
              {lines.map((line) => (
                <List.Item key={line} style={{ overflowWrap: "anywhere" }}>
                  {line}
                </List.Item>
              ))}
            </List>
            <Text size="sm" c="dimmed">
              {executedAt ? "Against what was in force before it." : "Against what is in force now."} Jobs
              that are open keep the numbers that they were opened under.
            </Text>
          </>
        );
      }}
    </Loaded>
  );
}

/** An older version's numbers, as the client has those in force: amounts are bigints, the rest fits a number. */
function numbersOf({ market, court }: ParametersVersion): GovernedNumbers {
  const amounts = ["minLotCollateral", "receiptFee", "seatStake", "jurorFee"];
  const read = (numbers: Record<string, string | number>) =>
    Object.fromEntries(
      Object.entries(numbers).map(([name, value]) => [
        name,
        amounts.includes(name) ? BigInt(value) : Number(value),
      ]),
    );
  // The indexer's fields are the contracts'.
  return {
    market: read(market) as unknown as MarketParameters,
    court: read(court) as unknown as CourtParameters,
  };
}
