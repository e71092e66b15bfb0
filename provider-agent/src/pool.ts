import { backersAbi } from "@millrace/protocol";
import { type Address, encodeFunctionData } from "viem";
import type { Chain } from "./chain/chain.ts";
import type { Transactions } from "./chain/transactions.ts";

/** What backs a provider, in base units of the asset. */
export interface Pool {
  isOpen: boolean;
  /** What the provider keeps of what backers' collateral earns, in basis points. */
  commissionBps: number;
  /** What all shares are worth. */
  assets: bigint;
  /** By lots that run. */
  locked: bigint;
}

export async function readPool(chain: Chain, provider: Address): Promise<Pool> {
  const backers = { abi: backersAbi, address: chain.network.backers } as const;
  const [{ isOpen, commissionBps, locked }, assets] = await Promise.all([
    chain.client.readContract({ ...backers, functionName: "poolOf", args: [provider] }),
    chain.client.readContract({ ...backers, functionName: "totalAssets", args: [provider] }),
  ]);
  return { isOpen, commissionBps, assets, locked };
}

/** Lets others back the account of the transactions' key from now on. While nothing of it is locked. */
export async function openPool(
  chain: Chain,
  transactions: Transactions,
  { commissionBps }: { commissionBps: number },
): Promise<void> {
  await transactions.send(() => ({
    to: chain.network.backers,
    data: encodeFunctionData({ abi: backersAbi, functionName: "openPool", args: [commissionBps] }),
    purpose: "opening of a pool",
  }));
}

/** Lots are the account's alone again. While nothing of it is locked. */
export async function closePool(chain: Chain, transactions: Transactions): Promise<void> {
  await transactions.send(() => ({
    to: chain.network.backers,
    data: encodeFunctionData({ abi: backersAbi, functionName: "closePool" }),
    purpose: "closing of a pool",
  }));
}
