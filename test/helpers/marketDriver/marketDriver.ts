import {
  backersAbi,
  courtAbi,
  faultsAbi,
  governorAbi,
  marketAbi,
  millAbi,
  modelRegistryAbi,
  type Network,
  parametersAbi,
  stakedMillAbi,
  testUsdAbi,
  timelockAbi,
} from "@millrace/protocol";
import {
  type Abi,
  type Address,
  type ContractEventName,
  type ContractFunctionArgs,
  type ContractFunctionName,
  createPublicClient,
  decodeErrorResult,
  encodeFunctionData,
  type Hex,
  http,
  keccak256,
  type Log,
  maxUint256,
  numberToHex,
  type ParseEventLogsReturnType,
  type PublicClient,
  parseEventLogs,
} from "viem";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { createRandom, type Random } from "../../simulation/random.ts";

/** By the names of a network's description. */
export const abis = {
  market: marketAbi,
  asset: testUsdAbi,
  modelRegistry: modelRegistryAbi,
  parameters: parametersAbi,
  faults: faultsAbi,
  court: courtAbi,
  backers: backersAbi,
  mill: millAbi,
  stakedMill: stakedMillAbi,
  governor: governorAbi,
  timelock: timelockAbi,
} as const;
export type ContractName = keyof typeof abis;
type Abis = typeof abis;

type Nonview = "nonpayable" | "payable";
/** The inputs of a contract's function. */
export type ArgsOf<
  Name extends ContractName,
  Fn extends ContractFunctionName<Abis[Name], Nonview>,
> = ContractFunctionArgs<Abis[Name], Nonview, Fn>;

/** More than any call here needs, so that none has to be estimated. */
const GAS = 1_000_000_000n;
const DEPOSIT = 10n ** 12n;

/** A scene that was to stop in the middle. */
export class Abandoned extends Error {}

/** A call that the contracts refused. */
export class Reverted extends Error {
  readonly reason: string;
  constructor(call: string, reason: string) {
    super(`${call}: ${reason}`);
    this.reason = reason;
  }
}

interface Receipt {
  status: Hex;
  logs: Log[];
  blockNumber: Hex;
}

/**
 * Whoever takes part in a market, on an anvil that takes unsigned transactions: all that happens
 * follows from the seed and from the chain's state.
 */
export class MarketDriver {
  readonly network: Network;
  readonly random: Random;
  readonly reader: PublicClient;
  /** With which probability a call is not made, and its scene abandoned. */
  abandonRate = 0;
  #words = 0n;
  readonly #seed: Hex;

  /** @param seed another for each driver on one chain, or their accounts are the same. */
  constructor(network: Network, seed: number) {
    this.network = network;
    this.random = createRandom(seed);
    this.#seed = keccak256(numberToHex(seed, { size: 32 }));
    this.reader = createPublicClient({ transport: http(network.rpcUrl), cacheTime: 0 });
  }

  /** A word that no other is like. */
  word(): Hex {
    this.#words += 1n;
    return keccak256(`${this.#seed}${numberToHex(this.#words, { size: 32 }).slice(2)}`);
  }

  nonce(): bigint {
    return BigInt(this.word());
  }

  /** Somebody new, with nothing. */
  somebody(): PrivateKeyAccount {
    return privateKeyToAccount(this.word());
  }

  /** Somebody new, with a free balance in the market. */
  async trader(amount = DEPOSIT): Promise<PrivateKeyAccount> {
    const account = this.somebody();
    const { address } = account;
    await this.send(address, "asset", "mint", [address, 2n * amount]);
    await this.send(address, "asset", "approve", [this.network.market, maxUint256]);
    await this.send(address, "market", "deposit", [address, amount]);
    return account;
  }

  /**
   * Sends a transaction and returns its logs.
   *
   * @throws Reverted
   * @throws Abandoned
   */
  async send<Name extends ContractName, Fn extends ContractFunctionName<Abis[Name], Nonview>>(
    from: Address,
    contract: Name,
    functionName: Fn,
    args: ArgsOf<Name, Fn>,
  ): Promise<Log[]> {
    const abi = abis[contract] as Abi;
    // Which of the eleven ABIs it is, is not known here.
    const data = encodeFunctionData({ abi, functionName, args } as never);
    return this.sendData(from, contract, data, functionName);
  }

  async sendData(from: Address, contract: ContractName, data: Hex, name = "call"): Promise<Log[]> {
    if (this.abandonRate > 0 && this.random.happens(this.abandonRate)) throw new Abandoned(name);
    const transaction = { from, to: this.network[contract], data, gas: numberToHex(GAS), gasPrice: "0x0" };
    const receipt = await this.rpc<Receipt>("eth_sendTransactionSync", [transaction]);
    if (receipt.status !== "0x1") throw new Reverted(name, await this.#reasonOf(contract, transaction));
    return receipt.logs;
  }

  /** Mines these calls, of different senders, into one block. */
  async sendTogether(calls: readonly { from: Address; contract: ContractName; data: Hex }[]): Promise<void> {
    await this.rpc("evm_setAutomine", [false]);
    try {
      for (const { from, contract, data } of calls) {
        const to = this.network[contract];
        await this.rpc("eth_sendTransaction", [{ from, to, data, gas: numberToHex(GAS), gasPrice: "0x0" }]);
      }
      await this.mine();
    } finally {
      await this.rpc("evm_setAutomine", [true]);
    }
  }

  async now(): Promise<number> {
    return Number((await this.reader.getBlock()).timestamp);
  }

  /** Lets so much time pass, and mines a block. */
  async lapse(seconds: number): Promise<void> {
    await this.rpc("evm_setNextBlockTimestamp", [(await this.now()) + seconds]);
    await this.mine();
  }

  async mine(blocks = 1): Promise<void> {
    for (let i = 0; i < blocks; i++) await this.rpc("evm_mine");
  }

  async rpc<T>(method: string, params: readonly unknown[] = []): Promise<T> {
    const request = this.reader.request as (call: {
      method: string;
      params: readonly unknown[];
    }) => Promise<T>;
    return request({ method, params });
  }

  async #reasonOf(contract: ContractName, transaction: object): Promise<string> {
    const reply = await fetch(this.network.rpcUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_call", params: [transaction, "latest"] }),
    });
    const { error } = (await reply.json()) as { error?: { message: string; data?: Hex } };
    if (error?.data === undefined) return error?.message ?? "reverted, but not when asked again";
    for (const abi of [abis[contract], ...Object.values(abis)]) {
      try {
        const decoded = decodeErrorResult({ abi: abi as Abi, data: error.data });
        return `${decoded.errorName}(${(decoded.args ?? []).join(", ")})`;
      } catch {
        // It is another contract's.
      }
    }
    return error.message;
  }
}

type EventArgs<TAbi extends Abi, Name extends ContractEventName<TAbi>> = ParseEventLogsReturnType<
  TAbi,
  Name,
  true
>[number]["args"];

/** The arguments of those of `logs` that are this event. */
export function eventsOf<const TAbi extends Abi, Name extends ContractEventName<TAbi>>(
  logs: readonly Log[],
  abi: TAbi,
  eventName: Name,
): EventArgs<TAbi, Name>[] {
  const found = parseEventLogs({ abi: abi as Abi, logs: [...logs], eventName: eventName as string });
  return found.map(({ args }) => args as EventArgs<TAbi, Name>);
}

/** The first of {@link eventsOf}. */
export function eventOf<const TAbi extends Abi, Name extends ContractEventName<TAbi>>(
  logs: readonly Log[],
  abi: TAbi,
  eventName: Name,
): EventArgs<TAbi, Name> {
  const [first] = eventsOf(logs, abi, eventName);
  if (first === undefined) throw new Error(`No ${eventName}`);
  return first;
}
