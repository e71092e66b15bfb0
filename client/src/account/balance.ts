import { formatAmount, MillraceError, marketAbi, testUsdAbi } from "@millrace/protocol";
import type { Address } from "viem";
import { withChainErrors } from "../core/chainErrors.ts";
import { type Core, requireAccount, type SigningCore } from "../core/core.ts";

/** What an address has, in base units of the asset. */
export interface Balance {
  address: Address;
  /** In the market and withdrawable now. */
  free: bigint;
  /** In the market as escrow or collateral. */
  locked: bigint;
  /** In the wallet, outside of the market. */
  wallet: bigint;
}

/**
 * Reads a balance.
 *
 * @param address Default: the account's own.
 * @throws MillraceError `no-account`, `chain-unreachable` (retryable)
 */
export async function getBalance(core: Core, { address }: { address?: Address } = {}): Promise<Balance> {
  const { network, publicClient } = core;
  const owner = address ?? requireAccount(core).account.address;
  const [{ free, locked }, wallet] = await withChainErrors(() =>
    Promise.all([
      publicClient.readContract({
        address: network.market,
        abi: marketAbi,
        functionName: "accountOf",
        args: [owner],
      }),
      publicClient.readContract({
        address: network.asset,
        abi: testUsdAbi,
        functionName: "balanceOf",
        args: [owner],
      }),
    ]),
  );
  return { address: owner, free, locked, wallet };
}

/** @throws MillraceError `insufficient-balance`, saying how much is missing and where it could come from */
export async function checkBalance(core: SigningCore, needed: bigint): Promise<void> {
  const { free, wallet } = await getBalance(core);
  if (free >= needed) return;
  const missing = needed - free;
  const inWallet =
    wallet >= missing
      ? `Your wallet has ${formatAmount(wallet)}: deposit ${formatAmount(missing)} of it first.`
      : `Your wallet has ${formatAmount(wallet)}, which is too little too: send it ${formatAmount(missing - wallet)} first.`;
  throw new MillraceError(`The balance is short by ${formatAmount(missing)}.`, {
    code: "insufficient-balance",
    details: `The batch reserves ${formatAmount(needed)}; ${formatAmount(free)} is free.`,
    hints: [inWallet, "What the batch does not spend of the reserve returns when it is done."],
  });
}
