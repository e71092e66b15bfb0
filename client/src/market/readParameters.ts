import { marketAbi } from "@millrace/protocol";
import type { Address } from "viem";
import { withChainErrors } from "../core/chainErrors.ts";
import type { Core } from "../core/core.ts";

/** The market's numbers; see contracts/types/MarketParameters.sol. */
export interface MarketParameters {
  vault: Address;
  feeBps: number;
  collateralBps: number;
  penaltyBps: number;
  releaseBps: number;
  bountyBps: number;
  graceSeconds: number;
  submitGraceSeconds: number;
  windowSeconds: number;
  bidSeconds: number;
  minLotCollateral: bigint;
}

/**
 * Reads the market's numbers, and by that whether there is a market where the network's description says.
 *
 * @throws MillraceError `chain-unreachable` (retryable), `chain-error`
 */
export async function readParameters({ network, publicClient }: Core): Promise<MarketParameters> {
  return withChainErrors(() =>
    publicClient.readContract({ address: network.market, abi: marketAbi, functionName: "parameters" }),
  );
}
