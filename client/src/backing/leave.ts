import { backersAbi, formatAmount, MillraceError } from "@millrace/protocol";
import { type Address, encodeFunctionData } from "viem";
import { type Core, requireAccount } from "../core/core.ts";
import { listBackings } from "./pool.ts";

/**
 * Asks for backing back. It earns nothing from then on, and still answers for lots that run; `withdrawBacking` pays it
 * once these are over.
 *
 * @param amount base units of the asset, as shares are worth now. Default: all.
 * @throws MillraceError `no-account`, `invalid-amount`, `insufficient-backing`, `contract-refused`, `chain-unreachable`
 */
export async function leave(
  core: Core,
  { provider, amount }: { provider: Address; amount?: bigint },
): Promise<void> {
  const signing = requireAccount(core);
  if (amount !== undefined && amount <= 0n) {
    throw new MillraceError("The amount must be above zero.", { code: "invalid-amount" });
  }
  const [backing] = await listBackings(signing, { provider });
  const { shares, worth } = backing ?? { shares: 0n, worth: 0n };
  if (shares === 0n || (amount !== undefined && amount > worth)) {
    throw new MillraceError(`The account has ${formatAmount(worth)} behind ${provider}.`, {
      code: "insufficient-backing",
    });
  }
  // Rounded up: the account gets at least what it asked for, as shares are worth now.
  const wanted = amount === undefined ? shares : (amount * shares + worth - 1n) / worth;
  const data = encodeFunctionData({ abi: backersAbi, functionName: "requestExit", args: [provider, wanted] });
  await signing.sender.send({ to: signing.network.backers, data });
}

/**
 * Moves to the account's free balance what it asked out of a pool, as far as the lots that it answers for are over.
 *
 * @returns base units that were paid
 * @throws MillraceError `no-account`, `nothing-payable`, `contract-refused`, `chain-unreachable` (retryable)
 */
export async function withdrawBacking(core: Core, { provider }: { provider: Address }): Promise<bigint> {
  const signing = requireAccount(core);
  const [backing] = await listBackings(signing, { provider });
  const exits = backing?.exits ?? [];
  const payable = exits.filter((exit) => exit.payable > 0n);
  if (payable.length === 0) {
    const waiting = exits.reduce((sum, { claimed }) => sum + claimed, 0n);
    throw new MillraceError("Nothing can be paid now.", {
      code: "nothing-payable",
      details:
        waiting > 0n
          ? `${formatAmount(waiting)} was asked for; lots that it answers for still run.`
          : "Nothing was asked for.",
    });
  }
  for (const { cohort } of payable) {
    const args = [provider, cohort] as const;
    const data = encodeFunctionData({ abi: backersAbi, functionName: "withdrawExit", args });
    await signing.sender.send({ to: signing.network.backers, data });
  }
  return payable.reduce((sum, exit) => sum + exit.payable, 0n);
}
