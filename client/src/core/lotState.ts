import { type LotStatus, lotStatuses, marketAbi } from "@millrace/protocol";
import type { Hex } from "viem";
import { withChainErrors } from "./chainErrors.ts";
import type { Core } from "./core.ts";

/** What the Market keeps of a lot; see contracts/types/Lot.sol. Amounts are base units. */
export interface LotState {
  status: LotStatus;
  /** Submitted: last second of the window. Open: when it reopened. Unix seconds. */
  timestamp: number;
  amount: bigint;
  forfeit: bigint;
}

export async function readLotState({ network, publicClient }: Core, lotId: Hex): Promise<LotState> {
  const state = await withChainErrors(() =>
    publicClient.readContract({
      address: network.market,
      abi: marketAbi,
      functionName: "lotState",
      args: [lotId],
    }),
  );
  return { ...state, status: lotStatuses[state.status]! };
}
