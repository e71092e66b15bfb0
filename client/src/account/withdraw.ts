import { formatAmount, MillraceError, marketAbi } from "@millrace/protocol";
import { type Address, encodeFunctionData } from "viem";
import { type Core, requireAccount } from "../core/core.ts";
import { getBalance } from "./balance.ts";

/**
 * Moves free balance out of the market.
 *
 * @param amount base units of the asset
 * @param to Default: the account itself.
 * @throws MillraceError `no-account`, `invalid-amount`, `insufficient-free`, `chain-unreachable` (retryable)
 */
export async function withdraw(core: Core, { amount, to }: { amount: bigint; to?: Address }): Promise<void> {
  const signing = requireAccount(core);
  if (amount <= 0n) throw new MillraceError("The amount must be above zero.", { code: "invalid-amount" });
  const { free, locked } = await getBalance(signing);
  if (free < amount) {
    throw new MillraceError(`Only ${formatAmount(free)} is free.`, {
      code: "insufficient-free",
      details: `${formatAmount(locked)} is locked in running batches.`,
    });
  }
  const args = [to ?? signing.account.address, amount] as const;
  const data = encodeFunctionData({ abi: marketAbi, functionName: "withdraw", args });
  await signing.sender.send({ to: signing.network.market, data });
}
