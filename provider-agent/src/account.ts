import { join } from "node:path";
import { marketAbi, testUsdAbi } from "@millrace/protocol";
import type { Logger } from "pino";
import { type Address, encodeFunctionData, type LocalAccount } from "viem";
import type { Chain } from "./chain/chain.ts";
import { createTransactions, type Transactions } from "./chain/transactions.ts";

/** A provider's money, in base units of the asset. */
export interface Balance {
  wallet: bigint;
  free: bigint;
  locked: bigint;
}

/** What an address has in its wallet and in the Market. */
export async function readBalance(chain: Chain, account: Address): Promise<Balance> {
  const [wallet, { free, locked }] = await Promise.all([
    chain.client.readContract({
      abi: testUsdAbi,
      address: chain.network.asset,
      functionName: "balanceOf",
      args: [account],
    }),
    chain.account(account),
  ]);
  return { wallet, free, locked };
}

/** Moves base units from the wallet of the transactions' key into an account of the Market, approving exactly so many. */
export async function deposit(
  chain: Chain,
  transactions: Transactions,
  { account, amount }: { account: Address; amount: bigint },
): Promise<void> {
  const { market } = chain.ref;
  await transactions.send(() => ({
    to: chain.network.asset,
    data: encodeFunctionData({ abi: testUsdAbi, functionName: "approve", args: [market, amount] }),
    purpose: "approval",
  }));
  await transactions.send(() => ({
    to: market,
    data: encodeFunctionData({ abi: marketAbi, functionName: "deposit", args: [account, amount] }),
    purpose: "deposit",
  }));
}

/** Moves base units of the free balance of the transactions' key into a wallet. */
export async function withdraw(
  chain: Chain,
  transactions: Transactions,
  { account, amount }: { account: Address; amount: bigint },
): Promise<void> {
  await transactions.send(() => ({
    to: chain.ref.market,
    data: encodeFunctionData({ abi: marketAbi, functionName: "withdraw", args: [account, amount] }),
    purpose: "withdrawal",
  }));
}

/**
 * Lets another key work for the account of the transactions' key: offer, claim, submit and release, with at most
 * `collateralCap` base units locked. 0 ends it.
 */
export async function setOperator(
  chain: Chain,
  transactions: Transactions,
  { operator, collateralCap }: { operator: Address; collateralCap: bigint },
): Promise<void> {
  await transactions.send(() => ({
    to: chain.ref.market,
    data: encodeFunctionData({
      abi: marketAbi,
      functionName: "setProviderOperator",
      args: [operator, collateralCap],
    }),
    purpose: "naming of an operator",
  }));
}

/** Transactions of a command, which may run beside the agent: each keeps its own in a folder of its own. */
export function commandTransactions(options: {
  chain: Chain;
  account: LocalAccount;
  folder: string;
  logger: Logger;
  signal: AbortSignal;
}): Transactions {
  return createTransactions({ ...options, path: join(options.folder, "transaction.json") });
}
