import { marketAbi, type Network, testUsdAbi } from "@millrace/protocol";
import { createPublicClient, createWalletClient, http, type LocalAccount } from "viem";
import { hardhat } from "viem/chains";
import { createNonceManager, jsonRpc } from "viem/nonce";

/**
 * Mints TestUSD to an account and deposits a part of it into the Market.
 *
 * @param mint base units that end up in the wallet
 * @param deposit base units that end up in the Market, on top
 */
export async function fund(
  network: Network,
  { account, mint, deposit }: { account: LocalAccount; mint: bigint; deposit: bigint },
): Promise<void> {
  const transport = http(network.rpcUrl);
  const reader = createPublicClient({ transport, pollingInterval: 50 });
  // Not viem's own: that one counts on from the last chain that this process ran.
  const nonceManager = createNonceManager({ source: jsonRpc() });
  const wallet = createWalletClient({ account: { ...account, nonceManager }, chain: hardhat, transport });
  const asset = { abi: testUsdAbi, address: network.asset } as const;
  await wallet.writeContract({ ...asset, functionName: "mint", args: [account.address, mint + deposit] });
  await wallet.writeContract({ ...asset, functionName: "approve", args: [network.market, deposit] });
  const hash = await wallet.writeContract({
    abi: marketAbi,
    address: network.market,
    functionName: "deposit",
    args: [account.address, deposit],
    // The two before it may not be mined yet when this one is estimated.
    gas: 150_000n,
  });
  const { status } = await reader.waitForTransactionReceipt({ hash });
  if (status !== "success") throw new Error(`The deposit of ${account.address} reverted in ${hash}`);
}
