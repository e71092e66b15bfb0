import type { GovernedParameters } from "@millrace/client";
import { Loaded } from "../components/Loaded.tsx";
import { Page } from "../components/Page.tsx";
import { useChain } from "../market/useChain.ts";
import { ProposeForm } from "./governance/ProposeForm.tsx";

/** Proposes other numbers. */
export function ProposePage() {
  const query = useChain<GovernedParameters>(["governed"], (millrace) => millrace.governance.parameters());
  return (
    <Page
      title="New proposal"
      description="Change what should change; all else stays as it is. Bounds are in the contracts, and move with each other."
    >
      <Loaded query={query} rows={8}>
        {(governed) => <ProposeForm key={governed.version} governed={governed} />}
      </Loaded>
    </Page>
  );
}
