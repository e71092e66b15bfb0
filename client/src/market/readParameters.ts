import { type MarketParameters, marketAbi, parametersAbi } from "@millrace/protocol";
import { withChainErrors } from "../core/chainErrors.ts";
import type { Core } from "../core/core.ts";

/** What jobs are opened under now. */
export interface CurrentParameters extends MarketParameters {
  /** A job keeps the version that it was opened under. */
  version: number;
  /** Whether the guardian has stopped the opening of jobs and offers for some days; all else goes on. */
  isPaused: boolean;
}

/**
 * Reads the market's numbers, and by that whether there is a market where the network's description says.
 *
 * @throws MillraceError `chain-unreachable` (retryable), `chain-error`
 */
export async function readParameters({ network, publicClient }: Core): Promise<CurrentParameters> {
  return withChainErrors(async () => {
    // The Market's own word: the description could name others.
    const address = await publicClient.readContract({
      address: network.market,
      abi: marketAbi,
      functionName: "parameters",
    });
    const [version, isPaused, parameters] = await publicClient.readContract({
      address,
      abi: parametersAbi,
      functionName: "current",
    });
    return { version, isPaused, ...parameters };
  });
}
