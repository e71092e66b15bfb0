import type { Network } from "@millrace/protocol";
import { type Abi, type Address, createTestClient, http, publicActions, walletActions } from "viem";
import { hardhat } from "viem/chains";

/** What someone is to do. */
export interface Call {
  address: Address;
  abi: Abi | readonly unknown[];
  functionName: string;
  args: readonly unknown[];
}

/** Reads, sends and turns a local chain about. */
export type TestClient = ReturnType<typeof clientOf>;

export function clientOf({ rpcUrl }: Network) {
  return createTestClient({ mode: "hardhat", chain: hardhat, transport: http(rpcUrl), pollingInterval: 20 })
    .extend(publicActions)
    .extend(walletActions);
}

/** What nobody can do any more: a transaction of any address, the timelock's too. */
export async function callAs(client: TestClient, account: Address, call: Call): Promise<void> {
  await client.impersonateAccount({ address: account });
  await client.setBalance({ address: account, value: 10n ** 18n });
  const hash = await client.writeContract({ account, ...call } as never);
  const { status } = await client.waitForTransactionReceipt({ hash });
  await client.stopImpersonatingAccount({ address: account });
  if (status !== "success") throw new Error(`${call.functionName} reverted`);
}
