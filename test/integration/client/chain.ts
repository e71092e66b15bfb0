import { marketAbi, type Network, testUsdAbi } from "@millrace/protocol";
import { createPublicClient, createWalletClient, type Hex, http, type LocalAccount } from "viem";

/** Sends a transaction and waits until it is mined well. */
export async function send(
  network: Network,
  account: LocalAccount,
  call: {
    abi: readonly unknown[];
    address: Hex;
    functionName: string;
    args: readonly unknown[];
    gas?: bigint;
  },
): Promise<void> {
  const transport = http(network.rpcUrl);
  const wallet = createWalletClient({ account, transport });
  const reader = createPublicClient({ transport, pollingInterval: 20 });
  const hash = await wallet.writeContract({ ...call, chain: null } as never);
  const receipt = await reader.waitForTransactionReceipt({ hash });
  if (receipt.status !== "success") throw new Error(`${call.functionName} reverted`);
}

/** Gives an address an ether, for gas. */
export async function sendEther(network: Network, from: LocalAccount, to: Hex): Promise<void> {
  const transport = http(network.rpcUrl);
  const wallet = createWalletClient({ account: from, transport });
  const hash = await wallet.sendTransaction({ to, value: 10n ** 18n, chain: null });
  await createPublicClient({ transport, pollingInterval: 20 }).waitForTransactionReceipt({ hash });
}

/** Gives an account some of the asset, outside of the market. */
export async function mint(network: Network, account: LocalAccount, amount: bigint): Promise<void> {
  const asset = { abi: testUsdAbi, address: network.asset };
  await send(network, account, { ...asset, functionName: "mint", args: [account.address, amount] });
}

/** Gives an account a free balance in the market. */
export async function deposit(network: Network, account: LocalAccount, amount: bigint): Promise<void> {
  await mint(network, account, amount);
  const asset = { abi: testUsdAbi, address: network.asset };
  await send(network, account, { ...asset, functionName: "approve", args: [network.market, amount] });
  const market = { abi: marketAbi, address: network.market };
  await send(network, account, { ...market, functionName: "deposit", args: [account.address, amount] });
}

/** How many transactions an account has sent. */
export async function sentTransactions(network: Network, account: LocalAccount): Promise<number> {
  const reader = createPublicClient({ transport: http(network.rpcUrl) });
  return reader.getTransactionCount({ address: account.address });
}

/** Asks the node for something that viem has no words for. */
export async function rpc(network: Network, method: string, params: unknown[] = []): Promise<unknown> {
  const reader = createPublicClient({ transport: http(network.rpcUrl) });
  const request = reader.request as (call: { method: string; params: unknown[] }) => Promise<unknown>;
  return request({ method, params });
}

/** Lets the chain's clock jump, and mines a block at the new time. */
export async function passTime(network: Network, seconds: number): Promise<void> {
  await rpc(network, "evm_increaseTime", [seconds]);
  await rpc(network, "evm_mine");
}
