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
 * @param maxCommissionBps the most that the provider may keep of what it earns for its backers. It is looked at right
 * before sending; the contract lets it rise only while nobody has shares. Default: whatever it is.
 * @throws MillraceError `no-account`, `invalid-amount`, `pool-closed`, `commission-too-high`, `insufficient-free`,
 * `contract-refused`, `chain-unreachable` (retryable)
 */
export async function back(
  core: Core,
  {
    provider,
    amount,
    maxCommissionBps = Number.POSITIVE_INFINITY,
  }: { provider: Address; amount: bigint; maxCommissionBps?: number },
): Promise<void> {
  const signing = requireAccount(core);
  if (amount <= 0n) throw new MillraceError("The amount must be above zero.", { code: "invalid-amount" });
  const [{ isOpen, commissionBps }, { free }] = await Promise.all([
    readPool(signing, { provider }),
    getBalance(signing),
  ]);
  if (!isOpen) {
    throw new MillraceError(`${provider} takes no backers.`, {
      code: "pool-closed",
      hints: ["Its owner has to open a pool."],
    });
  }
  if (commissionBps > maxCommissionBps) {
    const [is, most] = [commissionBps, maxCommissionBps].map((bps) => `${formatAmount(BigInt(bps), 2)} %`);
    throw new MillraceError(`The commission is ${is} now, above ${most}.`, {
      code: "commission-too-high",
      hints: ["Look at the provider's pool again."],
    });
  }
  if (free < amount) {
    throw new MillraceError(`Only ${formatAmount(free)} is free.`, {
      code: "insufficient-free",
      hints: [`Deposit ${formatAmount(amount - free)} first.`],
    });
  }
  const data = encodeFunctionData({ abi: backersAbi, functionName: "back", args: [provider, amount] });
  await signing.sender.send({ to: signing.network.backers, data });
}
