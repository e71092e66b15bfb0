import {
  developmentAccount,
  faultsAbi,
  marketAbi,
  modelRegistryAbi,
  type Network,
  testUsdAbi,
} from "@millrace/protocol";
import {
  type Account,
  type ContractFunctionArgs,
  type ContractFunctionName,
  createTestClient,
  http,
  type Log,
  publicActions,
  walletActions,
} from "viem";
import { hardhat } from "viem/chains";
import { startChain } from "../../devnet/src/chain.ts";

/**
 * The first second of the chain's clock. Fixed, for a timestamp is part of what is hashed and sent, and its zero bytes
 * are cheaper; far ahead, so that no block is older than one mined at the start.
 */
const START_SECONDS = 2_000_000_000;

const abis = {
  market: marketAbi,
  asset: testUsdAbi,
  faults: faultsAbi,
  modelRegistry: modelRegistryAbi,
} as const;
type ContractName = keyof typeof abis;
type Writable<C extends ContractName> = ContractFunctionName<(typeof abis)[C], "nonpayable">;

/** What one transaction cost, all in: the 21,000 of its existence and its calldata too. */
export interface Sent {
  gas: number;
  logs: Log[];
  /** Unix seconds of its block. */
  timestamp: number;
}

/** A local chain with a clock of its own, on which the same transactions cost the same gas each time. */
export interface GasChain extends AsyncDisposable {
  network: Network;
  /** Sends a transaction in a block of its own. */
  send<C extends ContractName, F extends Writable<C>>(
    from: Account,
    contract: C,
    functionName: F,
    args: ContractFunctionArgs<(typeof abis)[C], "nonpayable", F>,
  ): Promise<Sent>;
  /** Moves the clock. */
  pass(seconds: number): void;
}

/** Starts a {@link GasChain} with the parameters of local networks. */
export async function startGasChain(): Promise<GasChain> {
  const chain = await startChain();
  const { network } = chain;
  const client = createTestClient({
    mode: "hardhat",
    chain: hardhat,
    transport: http(network.rpcUrl),
    account: developmentAccount(0),
  })
    .extend(publicActions)
    .extend(walletActions);
  // Blocks come with transactions alone: the clock is ours.
  await client.setIntervalMining({ interval: 0 });
  let timestamp = START_SECONDS;

  return {
    network,
    async send(from, contract, functionName, args) {
      timestamp += 1;
      await client.setNextBlockTimestamp({ timestamp: BigInt(timestamp) });
      // One call for all contracts: each pair of name and arguments was checked by the signature above.
      const hash = await client.writeContract({
        account: from,
        address: network[contract],
        abi: abis[contract],
        functionName,
        args,
        gas: 15_000_000n,
      } as unknown as Parameters<typeof client.writeContract>[0]);
      const receipt = await client.getTransactionReceipt({ hash });
      if (receipt.status !== "success") throw new Error(`${String(functionName)} reverted`);
      return { gas: Number(receipt.gasUsed), logs: receipt.logs, timestamp };
    },
    pass(seconds) {
      timestamp += seconds;
    },
    [Symbol.asyncDispose]: chain.close,
  };
}
