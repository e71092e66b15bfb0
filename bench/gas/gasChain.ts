import {
  backersAbi,
  courtAbi,
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
  type EncodeFunctionDataParameters,
  encodeFunctionData,
  type Hex,
  http,
  type Log,
  parseEther,
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

/** How long `mineUntil` takes: less than any deadline, and many more blocks than it needs. */
const SECONDS_TO_MINE = 15;

const abis = {
  market: marketAbi,
  asset: testUsdAbi,
  faults: faultsAbi,
  court: courtAbi,
  backers: backersAbi,
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
  /** The same for calldata made elsewhere. */
  sendData(from: Account, contract: ContractName, data: Hex): Promise<Sent>;
  /** Moves the clock. */
  pass(seconds: number): void;
  /** Gives an account ether. */
  fund(account: Account): Promise<void>;
  /**
   * Mines an empty block whose hash is one that `suits`. The first blocks carry the time of day, and so every hash is
   * another in each run: what depends on one costs the same only where it is chosen.
   */
  mineUntil(suits: (blockHash: Hex) => boolean): Promise<void>;
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

  const sendData: GasChain["sendData"] = async (from, contract, data) => {
    timestamp += 1;
    await client.setNextBlockTimestamp({ timestamp: BigInt(timestamp) });
    const hash = await client.sendTransaction({
      account: from,
      to: network[contract],
      data,
      gas: 15_000_000n,
    });
    const receipt = await client.getTransactionReceipt({ hash });
    if (receipt.status !== "success") throw new Error(`${data.slice(0, 10)} reverted`);
    return { gas: Number(receipt.gasUsed), logs: receipt.logs, timestamp };
  };

  return {
    network,
    sendData,
    send(from, contract, functionName, args) {
      // One call for all contracts: each pair of name and arguments was checked by the signature above.
      const call = { abi: abis[contract], functionName, args } as unknown as EncodeFunctionDataParameters;
      return sendData(from, contract, encodeFunctionData(call));
    },
    pass(seconds) {
      timestamp += seconds;
    },
    fund: ({ address }) => client.setBalance({ address, value: parseEther("1") }),
    async mineUntil(suits) {
      // Each second another block.
      for (let i = 1; i <= SECONDS_TO_MINE; i++) {
        const id = await client.snapshot();
        await client.setNextBlockTimestamp({ timestamp: BigInt(timestamp + i) });
        await client.mine({ blocks: 1 });
        const { hash } = await client.getBlock();
        if (suits(hash)) {
          // Whichever it was, what follows has the same time in each run.
          timestamp += SECONDS_TO_MINE;
          return;
        }
        await client.revert({ id });
      }
      throw new Error("No block suits.");
    },
    [Symbol.asyncDispose]: chain.close,
  };
}
