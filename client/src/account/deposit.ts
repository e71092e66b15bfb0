import { formatAmount, MillraceError, marketAbi } from "@millrace/protocol";
import { encodeFunctionData } from "viem";
import { type Core, requireAccount, type SigningCore } from "../core/core.ts";
import { getBalance } from "./balance.ts";
import { approve, type Permit, signPermit } from "./permit.ts";

/**
 * Moves some of the wallet's asset into the market: with a permit, in one transaction, where the asset has permits,
 * otherwise after an approval of just this amount.
 *
 * @param amount base units of the asset
 * @throws MillraceError `no-account`, `invalid-amount`, `insufficient-wallet`, `contract-refused`, `chain-unreachable`
 */
export async function deposit(core: Core, { amount }: { amount: bigint }): Promise<void> {
  const signing = requireAccount(core);
  if (amount <= 0n) throw new MillraceError("The amount must be above zero.", { code: "invalid-amount" });
  const { wallet } = await getBalance(signing);
  if (wallet < amount) {
    throw new MillraceError("The wallet has less than that.", {
      code: "insufficient-wallet",
      details: `It has ${formatAmount(wallet)} and ${formatAmount(amount)} is to be deposited.`,
    });
  }
  const { asset: token, market: spender } = signing.network;
  const allowance = { token, spender, value: amount };
  const permit = await signPermit(signing, allowance);
  if (permit) return depositWithPermit(signing, amount, permit);
  await approve(signing, allowance);
  await depositApproved(signing, amount);
}

async function depositWithPermit({ network, account, sender }: SigningCore, amount: bigint, permit: Permit) {
  const { deadline, v, r, s } = permit;
  const args = [account.address, amount, deadline, v, r, s] as const;
  const data = encodeFunctionData({ abi: marketAbi, functionName: "depositWithPermit", args });
  await sender.send({ to: network.market, data });
}

async function depositApproved({ network, account, sender }: SigningCore, amount: bigint) {
  const args = [account.address, amount] as const;
  const data = encodeFunctionData({ abi: marketAbi, functionName: "deposit", args });
  await sender.send({ to: network.market, data });
}
