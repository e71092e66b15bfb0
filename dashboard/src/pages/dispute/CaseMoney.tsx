import { SimpleGrid } from "@mantine/core";
import type { CaseDetail } from "@millrace/protocol";
import { Amount } from "../../components/Amount.tsx";
import { Figure } from "../../components/Figure.tsx";
import { Panel } from "../../components/Panel.tsx";

/** Where a case's money went. */
export function CaseMoney({ ending }: { ending: NonNullable<CaseDetail["ending"]> }) {
  return (
    <Panel title="Who paid whom">
      <SimpleGrid minColWidth="170px" spacing="lg" type="container">
        <Figure label="To the jurors" value={<Amount value={ending.fees} />} />
        <Figure
          label="To the challenger"
          value={<Amount value={ending.toChallenger} />}
          hint="The bond, or what is left of it"
        />
        <Figure label="To the provider" value={<Amount value={ending.toProvider} />} />
        <Figure
          label="From the provider's collateral"
          value={<Amount value={ending.cost} />}
          hint="For the case; a slash comes on top"
        />
        <Figure
          label="From jurors"
          value={<Amount value={ending.penalties} />}
          hint="Absent, or on the wrong side"
        />
        <Figure label="To those who stake MILL" value={<Amount value={ending.toVault} />} />
      </SimpleGrid>
    </Panel>
  );
}
