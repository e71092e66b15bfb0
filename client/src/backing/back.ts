import { backersAbi, formatAmount, MillraceError } from "@millrace/protocol";
import { type Address, encodeFunctionData } from "viem";
import { getBalance } from "../account/balance.ts";
import { type Core, requireAccount } from "../core/core.ts";
import { readPool } from "./pool.ts";

/**
 * Puts some of what the account has free in the market behind a provider's collateral: it shares what the provider earns,
 * less a commission, and bears its slashes beyond the provider's own part, those of lots that run already too.
 *
 * @param amount base units of the asset
 * @throws MillraceError `no-account`, `invalid-amount`, `pool-closed`, `insufficient-free`, `contract-refused`,
 * `chain-unreachable` (retryable)
 */
export async function back(
  core: Core,
  { provider, amount }: { provider: Address; amount: bigint },
): Promise<void> {
  const signing = requireAccount(core);
  if (amount <= 0n) throw new MillraceError("The amount must be above zero.", { code: "invalid-amount" });
  const [{ isOpen }, { free }] = await Promise.all([readPool(signing, { provider }), getBalance(signing)]);
  if (!isOpen) {
    throw new MillraceError(`${provider} takes no backers.`, {
      code: "pool-closed",
      hints: ["Its owner opens a pool with `millrace-provider pool --open PERCENT`."],
    });
  }
  if (free < amount) {
    throw new MillraceError(`Only ${formatAmount(free)} is free.`, {
      code: "insufficient-free",
      hints: [`Run \`millrace deposit ${formatAmount(amount - free)}\` first.`],
    });
  }
  const data = encodeFunctionData({ abi: backersAbi, functionName: "back", args: [provider, amount] });
  await signing.sender.send({ to: signing.network.backers, data });
}
