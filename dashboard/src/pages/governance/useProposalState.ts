import { governorAbi } from "@millrace/protocol";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { usePublicClient } from "wagmi";
import { LIVE_KEY } from "../../market/live.ts";
import { useMarket } from "../../market/useMarket.ts";

/** In the Governor's order. */
const states = [
  "pending",
  "active",
  "cancelled",
  "defeated",
  "succeeded",
  "queued",
  "expired",
  "executed",
] as const;
export type ProposalState = (typeof states)[number];

/** What only the Governor can tell: it hangs on the time and on the quorum, or is in no proposal's id. */
export function useProposalState(
  proposalId: string,
): UseQueryResult<{ state: ProposalState; quorum: bigint; snapshot: bigint }> {
  const { network } = useMarket();
  const client = usePublicClient();
  const id = BigInt(proposalId);
  const governor = { address: network.governor, abi: governorAbi } as const;
  return useQuery({
    queryKey: [LIVE_KEY, "chain", "proposal-state", proposalId],
    queryFn: async () => {
      const [state, quorum, snapshot] = await Promise.all([
        client!.readContract({ ...governor, functionName: "state", args: [id] }),
        // The same at every time.
        client!.readContract({ ...governor, functionName: "quorum", args: [0n] }),
        client!.readContract({ ...governor, functionName: "proposalSnapshot", args: [id] }),
      ]);
      return { state: states[state] ?? "expired", quorum, snapshot };
    },
    enabled: client !== undefined,
  });
}
