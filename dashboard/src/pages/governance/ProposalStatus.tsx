import { StatusBadge } from "../../components/StatusBadge.tsx";
import { useProposalState } from "./useProposalState.ts";

/** Where a proposal stands, as the Governor says. */
export function ProposalStatus({ proposalId }: { proposalId: string }) {
  const { data } = useProposalState(proposalId);
  return data ? <StatusBadge status={data.state} /> : "…";
}
