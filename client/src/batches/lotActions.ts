import { type Fault, faultsAbi, type Lot, marketAbi } from "@millrace/protocol";
import { type EncodeFunctionDataParameters, encodeFunctionData } from "viem";
import { ContractError } from "../core/chainErrors.ts";
import type { SigningCore } from "../core/core.ts";

/** Takes a late lot from its provider. Returns false if someone was quicker, or our clock is ahead of the chain's. */
export async function expireLot({ network, sender }: SigningCore, lot: Lot): Promise<boolean> {
  const data = encodeFunctionData({ abi: marketAbi, functionName: "expire", args: [lot] });
  try {
    await sender.send({ to: network.market, data });
    return true;
  } catch (error) {
    const refusals = ["Market_WrongStatus", "Market_NotExpired"];
    if (error instanceof ContractError && refusals.includes(error.errorName)) return false;
    throw error;
  }
}

/** Proves a fault. Returns false if it has no proof, someone was quicker, or the lot was settled meanwhile. */
export async function proveFault({ network, sender }: SigningCore, { call }: Fault): Promise<boolean> {
  if (!call) return false;
  // Each call was made with the arguments of its function.
  const data = encodeFunctionData({ abi: faultsAbi, ...call } as EncodeFunctionDataParameters);
  try {
    await sender.send({ to: network.faults, data });
    return true;
  } catch (error) {
    if (error instanceof ContractError) return false;
    throw error;
  }
}
