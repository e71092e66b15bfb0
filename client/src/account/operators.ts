import { MillraceError, marketAbi } from "@millrace/protocol";
import { type Address, encodeFunctionData } from "viem";
import { type Core, requireAccount } from "../core/core.ts";

/**
 * Lets another key offer, claim, submit and release for the account. It can never withdraw.
 *
 * @param collateralCap the most that may be locked in the account once it did so, in base units of the asset; 0 ends it
 * @throws MillraceError `no-account`, `invalid-amount`, `contract-refused`, `chain-unreachable` (retryable)
 */
export async function setProviderOperator(
  core: Core,
  { operator, collateralCap }: { operator: Address; collateralCap: bigint },
): Promise<void> {
  const { network, sender } = requireAccount(core);
  checkAmount(collateralCap);
  const args = [operator, collateralCap] as const;
  await sender.send({
    to: network.market,
    data: encodeFunctionData({ abi: marketAbi, functionName: "setProviderOperator", args }),
  });
}

/**
 * Lets another key open, top up, close and accept for the account. It can never withdraw.
 *
 * @param allowance the most that it may spend in each period, in base units of the asset
 * @param periodSeconds 0 ends it
 * @throws MillraceError `no-account`, `invalid-amount`, `contract-refused`, `chain-unreachable` (retryable)
 */
export async function setBuyerOperator(
  core: Core,
  { operator, allowance, periodSeconds }: { operator: Address; allowance: bigint; periodSeconds: number },
): Promise<void> {
  const { network, sender } = requireAccount(core);
  checkAmount(allowance);
  const args = [operator, allowance, periodSeconds] as const;
  await sender.send({
    to: network.market,
    data: encodeFunctionData({ abi: marketAbi, functionName: "setBuyerOperator", args }),
  });
}

function checkAmount(amount: bigint): void {
  if (amount < 0n) throw new MillraceError("The amount must not be below zero.", { code: "invalid-amount" });
}
