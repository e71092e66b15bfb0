import { type LotState, marketAbi, unpackLotState } from "@millrace/protocol";
import type { Hex } from "viem";
import { withChainErrors } from "./chainErrors.ts";
import type { Core } from "./core.ts";

/** Reads what the Market keeps of a lot. `none` also when it is over: what became of it is in the events. */
export async function readLotState({ network, publicClient }: Core, lotId: Hex): Promise<LotState> {
  const state = await withChainErrors(() =>
    publicClient.readContract({
      address: network.market,
      abi: marketAbi,
      functionName: "lotState",
      args: [lotId],
    }),
  );
  return unpackLotState(state);
}
