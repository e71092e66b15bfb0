import type { CourtParameters, MarketParameters } from "@millrace/protocol";
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import {
  type Abi,
  type Address,
  decodeFunctionResult,
  encodeDeployData,
  encodeFunctionData,
  type Hex,
  type Log,
  maxUint256,
  numberToHex,
  parseEventLogs,
  zeroAddress,
} from "viem";
import hardhatConfig from "../../hardhat.production.config.ts";

export const JUROR_FEE = 997n;
export const SEAT_STAKE = 10_000n * JUROR_FEE;
export const PHASE_SECONDS = 60;
const DEPOSIT = 10n ** 15n;
/** Named, or each transaction would ask for them. */
const GAS = numberToHex(16_000_000);
const GAS_PRICE = numberToHex(10_000_000_000);

const marketParameters: MarketParameters = {
  feeBps: 100,
  collateralBps: 10_000,
  penaltyBps: 1_000,
  releaseBps: 50,
  bountyBps: 1_000,
  graceSeconds: 60,
  submitGraceSeconds: 60,
  windowSeconds: 600,
  bidSeconds: 600,
  minLotCollateral: 10n * JUROR_FEE,
  receiptFee: 500n,
  answerSeconds: PHASE_SECONDS,
};
const courtParameters: CourtParameters = {
  // Enough for hundreds of penalties: those are of the versions that jobs are opened under.
  seatStake: SEAT_STAKE,
  jurorFee: JUROR_FEE,
  minSeats: 5,
  kappaBps: 50_000,
  activationSeconds: PHASE_SECONDS,
  phaseSeconds: PHASE_SECONDS,
};

export type Role = "deployer" | "buyer" | "auditor" | "provider" | "juror" | "vault";
const roles: readonly Role[] = ["deployer", "buyer", "auditor", "provider", "juror", "vault"];
type ContractName = "TestUSD" | "Parameters" | "Faults" | "Backers" | "Court" | "Market";

/** A Market and its court on a chain of their own, where everyone has a deposit. */
export interface Contracts extends AsyncDisposable {
  who: Readonly<Record<Role, Address>>;
  court: Address;
  /** Returns the hash. Throws if it reverts. */
  send(from: Role, contract: ContractName, functionName: string, args: readonly unknown[]): Promise<Hex>;
  sendData(from: Role, contract: ContractName, data: Hex): Promise<Hex>;
  read(contract: ContractName, functionName: string, args: readonly unknown[]): Promise<unknown>;
  /** The arguments of the first event of that name in a transaction that has one. */
  eventOf(hash: Hex, contract: ContractName, eventName: string): Promise<Record<string, unknown>>;
  /** Appends a version under which a seat stakes so much, in base units, and jurors lose accordingly. */
  setSeatStake(seatStake: bigint): Promise<unknown>;
  accountOf(address: Address): Promise<{ free: bigint; locked: bigint }>;
  /** Until what has a deadline of one phase has lapsed. */
  lapse(): Promise<unknown>;
  mine(): Promise<unknown>;
}

/** Deploys the real contracts on a chain in this process. */
export async function startContracts(): Promise<Contracts> {
  const hre = await createHardhatRuntimeEnvironment(hardhatConfig, {}, `${import.meta.dirname}/../..`);
  const connection = await hre.network.create("node");
  const { provider: rpc } = connection;
  await rpc.request({ method: "evm_setIntervalMining", params: [0] });
  const addresses = (await rpc.request({ method: "eth_accounts" })) as Address[];
  const who = Object.fromEntries(roles.map((role, i) => [role, addresses[i]!])) as Record<Role, Address>;
  const abis: Partial<Record<ContractName, Abi>> = {};
  const at: Partial<Record<ContractName, Address>> = {};

  const sendData = async (from: Role, to: ContractName | null, data: Hex) => {
    const target = to === null ? {} : { to: at[to]! };
    const hash = await rpc.request({
      method: "eth_sendTransaction",
      params: [{ from: who[from], gas: GAS, gasPrice: GAS_PRICE, data, ...target }],
    });
    return hash as Hex;
  };
  const receiptOf = async (hash: Hex) =>
    (await rpc.request({ method: "eth_getTransactionReceipt", params: [hash] })) as {
      contractAddress: Address;
      logs: Log[];
      blockNumber: Hex;
    };
  const deploy = async (name: ContractName, args: readonly unknown[]): Promise<Address> => {
    const { abi, bytecode } = await hre.artifacts.readArtifact(name);
    abis[name] = abi as Abi;
    const data = encodeDeployData({ abi: abi as Abi, bytecode: bytecode as Hex, args });
    const { contractAddress } = await receiptOf(await sendData("deployer", null, data));
    at[name] = contractAddress;
    return contractAddress;
  };
  const send = (from: Role, contract: ContractName, functionName: string, args: readonly unknown[]) =>
    sendData(from, contract, encodeFunctionData({ abi: abis[contract]!, functionName, args }));
  const read = async (contract: ContractName, functionName: string, args: readonly unknown[]) => {
    const abi = abis[contract]!;
    const call = { to: at[contract]!, data: encodeFunctionData({ abi, functionName, args }) };
    const data = (await rpc.request({ method: "eth_call", params: [call, "latest"] })) as Hex;
    return decodeFunctionResult({ abi, functionName, data }) as unknown;
  };
  const eventOf = async (hash: Hex, contract: ContractName, eventName: string) => {
    const { logs } = await receiptOf(hash);
    const [event] = parseEventLogs({ abi: abis[contract]!, logs, eventName });
    if (event === undefined) throw new Error(`No ${eventName}`);
    // The ABI comes from a file: its types are known to whoever reads the event.
    return (event as unknown as { args: Record<string, unknown> }).args;
  };

  const asset = await deploy("TestUSD", []);
  const minPhaseSeconds = PHASE_SECONDS;
  const parameters = await deploy("Parameters", [
    who.deployer,
    zeroAddress,
    minPhaseSeconds,
    marketParameters,
    courtParameters,
  ]);
  const faults = await deploy("Faults", []);
  const backers = await deploy("Backers", []);
  const court = await deploy("Court", [backers]);
  const market = await deploy("Market", [asset, parameters, who.vault, faults, court, backers]);
  for (const role of ["buyer", "auditor", "provider", "juror"] as const) {
    await send("deployer", "TestUSD", "mint", [who[role], DEPOSIT]);
    await send(role, "TestUSD", "approve", [market, maxUint256]);
    await send(role, "Market", "deposit", [who[role], DEPOSIT]);
  }

  const accountOf = (address: Address) =>
    read("Market", "accountOf", [address]) as Promise<{ free: bigint; locked: bigint }>;

  return {
    who,
    court,
    send,
    sendData,
    read,
    eventOf,
    accountOf,
    setSeatStake: (seatStake) =>
      send("deployer", "Parameters", "append", [marketParameters, { ...courtParameters, seatStake }]),
    lapse: () => rpc.request({ method: "evm_increaseTime", params: [PHASE_SECONDS + 1] }),
    mine: () => rpc.request({ method: "evm_mine" }),
    [Symbol.asyncDispose]: () => connection.close(),
  };
}
