import {
  createMillrace,
  describeProposal,
  type Millrace,
  parameterBounds,
  type Wallet,
} from "@millrace/client";
import { developmentAccount, type Network, parametersAbi, testUsdAbi } from "@millrace/protocol";
import { createPublicClient, encodeFunctionData, http, type LocalAccount, parseEther } from "viem";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type LocalChain, startChain } from "../../../devnet/src/chain.ts";
import { passTime, rpc, send } from "./chain.ts";
import { openWallet } from "./testWallet.ts";

/** Has all MILL. */
const holder = developmentAccount(19);
const other = developmentAccount(4);

let chain: LocalChain;
let network: Network;
let snapshot: unknown;
let millrace: Millrace;

const clientOf = (account: LocalAccount | Wallet = holder) =>
  createMillrace({ network, account, pollingIntervalMs: 50 });

beforeAll(async () => {
  chain = await startChain();
  network = chain.network;
});

afterAll(() => chain.close());

beforeEach(async () => {
  snapshot = await rpc(network, "evm_snapshot");
  millrace = clientOf();
  return () => rpc(network, "evm_revert", [snapshot]);
});

/** Stakes a tenth of all MILL and proposes; votes can be cast. */
async function openVote(draft: Parameters<Millrace["governance"]["propose"]>[0]): Promise<bigint> {
  await millrace.governance.stake({ amount: parseEther("100000000") });
  await passTime(network, 1);
  const { proposalId } = await millrace.governance.propose(draft);
  await passTime(network, 2);
  return proposalId;
}

describe("governance", () => {
  test("reads all numbers, their history and the rules", async () => {
    const parameters = await millrace.governance.parameters();

    expect(parameters).toMatchObject({
      version: 1,
      isPaused: false,
      pausedUntil: 0,
      guardian: developmentAccount(18).address,
      market: chain.deployment.marketParameters,
      court: chain.deployment.courtParameters,
      minPhaseSeconds: 1,
    });
    expect(parameters.first).toEqual({ market: parameters.market, court: parameters.court });
    expect(await millrace.governance.history()).toMatchObject([
      { version: 1, market: parameters.market, court: parameters.court },
    ]);
    expect(await millrace.governance.rules()).toEqual({
      votingDelaySeconds: 1,
      votingPeriodSeconds: 60,
      timelockDelaySeconds: 1,
      cooldownSeconds: 120,
      proposalThreshold: parseEther("1"),
      quorum: parseEther("40000000"),
    });
  });

  test("a vote from the proposal to the numbers in force, told in plain words", async () => {
    const before = await millrace.governance.parameters();
    const proposalId = await openVote({
      market: { feeBps: 200 },
      court: { phaseSeconds: 60 },
      guardian: other.address,
      description: "Double the fee",
    });

    const proposal = await millrace.governance.proposals.retrieve({ proposalId });
    expect(proposal).toMatchObject({ proposer: holder.address, state: "active", hasVoted: false });
    const { calldatas, targets } = proposal;
    expect(describeProposal(calldatas, before, { targets, contracts: network })).toEqual([
      "Fee: 1 % → 2 %",
      "Time for each step of a case: 20 seconds → 1 minute",
      `Guardian, who may pause openings: ${before.guardian} → ${other.address}`,
    ]);

    await millrace.governance.vote({ proposalId, support: "for", reason: "why not" });
    await expect(millrace.governance.vote({ proposalId, support: "for" })).rejects.toMatchObject({
      code: "not-votable",
    });
    await expect(millrace.governance.queue({ proposalId })).rejects.toMatchObject({ code: "not-queuable" });
    await passTime(network, 61);
    await millrace.governance.queue({ proposalId: String(proposalId) });
    await passTime(network, 2);
    await millrace.governance.execute({ proposalId });

    const after = await millrace.governance.parameters();
    expect(after).toMatchObject({ version: 2, guardian: other.address, first: before.first });
    expect(after.market).toEqual({ ...before.market, feeBps: 200 });
    expect(after.court).toEqual({ ...before.court, phaseSeconds: 60 });
    expect((await millrace.governance.history()).map(({ version }) => version)).toEqual([2, 1]);
    expect(await millrace.governance.proposals.list()).toMatchObject([
      {
        proposalId,
        state: "executed",
        hasVoted: true,
        votes: { for: parseEther("100000000"), against: 0n, abstain: 0n },
      },
    ]);
  });

  test("a proposer withdraws what is not voted on yet; nobody else does", async () => {
    await millrace.governance.stake({ amount: parseEther("10") });
    await passTime(network, 1);
    const { proposalId } = await millrace.governance.propose({ unpause: true, description: "Open" });

    await expect(clientOf(other).governance.cancel({ proposalId })).rejects.toMatchObject({
      code: "not-cancellable",
    });
    await millrace.governance.cancel({ proposalId });

    expect(await millrace.governance.proposals.list()).toMatchObject([{ state: "cancelled" }]);
    await expect(millrace.governance.vote({ proposalId, support: "for" })).rejects.toMatchObject({
      code: "not-votable",
      retryable: false,
    });
  });

  test("refuses what nobody could propose, before anything is sent", async () => {
    const { governance } = millrace;
    await expect(governance.propose({ description: "?" })).rejects.toMatchObject({
      code: "nothing-proposed",
    });
    await expect(
      governance.propose({ market: { feeBps: 100 }, description: "as it is" }),
    ).rejects.toMatchObject({ code: "nothing-proposed" });
    await expect(governance.propose({ market: { feeBps: 1_001 }, description: "?" })).rejects.toMatchObject({
      code: "parameter-out-of-bounds",
      details: "Fee: 10.01 % is not between 0 % and 10 %.",
    });
    await expect(governance.propose({ unpause: true, description: "?" })).rejects.toMatchObject({
      code: "insufficient-votes",
    });
    await expect(governance.proposals.retrieve({ proposalId: 5n })).rejects.toMatchObject({
      code: "unknown-proposal",
    });
  });

  test("bounds are those of the contract, to the unit", async () => {
    const now = await millrace.governance.parameters();
    const reader = createPublicClient({ transport: http(network.rpcUrl) });
    const accepts = async (field: string, value: bigint) => {
      const change = (numbers: object) =>
        field in numbers
          ? { ...numbers, [field]: typeof numbers[field as never] === "bigint" ? value : Number(value) }
          : numbers;
      const args = [change(now.market), change(now.court)] as never;
      const data = encodeFunctionData({ abi: parametersAbi, functionName: "append", args });
      const call = reader.call({ account: network.timelock, to: network.parameters, data });
      return call.then(
        () => true,
        () => false,
      );
    };

    for (const [field, { min, max }] of Object.entries(parameterBounds(now, now))) {
      // Others hang on these two, and refuse first when they move that far.
      const values = [min, max, max + 1n, ...(min > 0n ? [min - 1n] : [])];
      const found = await Promise.all(values.map((value) => accepts(field, value)));
      const moved = (value: bigint) => {
        const change = (numbers: object) => (field in numbers ? { ...numbers, [field]: value } : numbers);
        const next = { market: change(now.market), court: change(now.court) } as never;
        const bounds = parameterBounds(next, now);
        const all: Record<string, number | bigint> = { ...now.market, ...now.court, [field]: value };
        return Object.entries(bounds).every(
          ([name, range]) => BigInt(all[name]!) >= range.min && BigInt(all[name]!) <= range.max,
        );
      };
      expect([field, ...found]).toEqual([field, ...values.map(moved)]);
      expect([field, ...found.slice(2)]).toEqual([field, ...found.slice(2).map(() => false)]);
    }
  });
});

describe("stake", () => {
  test("from the wallet to votes, out again after the cooldown", async () => {
    const { governance } = millrace;
    const amount = parseEther("7");
    const before = await governance.position();
    expect(before).toMatchObject({ staked: 0n, votes: 0n, cooling: 0n, fees: 0n });
    expect(before.delegate).toBeUndefined();

    await governance.stake({ amount });
    expect(await governance.position()).toMatchObject({
      wallet: before.wallet - amount,
      staked: amount,
      votes: amount,
      delegate: holder.address,
    });

    await governance.delegate({ to: other.address });
    expect((await governance.position()).votes).toBe(0n);
    expect((await governance.position({ address: other.address })).votes).toBe(amount);

    await governance.beginExit({ amount: parseEther("2") });
    await expect(governance.withdraw()).rejects.toMatchObject({ code: "still-cooling", retryable: true });
    expect(await governance.position()).toMatchObject({
      staked: parseEther("5"),
      cooling: parseEther("2"),
    });
    await governance.cancelExit();
    expect(await governance.position()).toMatchObject({ staked: amount, cooling: 0n });

    await governance.beginExit();
    await passTime(network, 121);
    expect(await governance.withdraw()).toBe(amount);
    expect(await governance.position()).toMatchObject({ wallet: before.wallet, staked: 0n, cooling: 0n });
  });

  test("a wallet that signs no typed data approves instead", async () => {
    const { wallet, asked } = openWallet(network, holder.address, { lacks: ["eth_signTypedData_v4"] });
    const { governance } = clientOf(wallet);

    await governance.stake({ amount: 5n });

    expect((await governance.position()).staked).toBe(5n);
    expect(asked.filter((method) => method === "eth_sendTransaction")).toHaveLength(2);
  });

  test("claims fees, those too that nobody has collected yet", async () => {
    const { governance } = millrace;
    await governance.stake({ amount: parseEther("1") });
    const asset = { address: network.asset, abi: testUsdAbi } as const;
    // As a market's fees come in: as the asset on the contract, before a collection.
    await send(network, holder, { ...asset, functionName: "mint", args: [network.stakedMill, 500n] });

    expect((await governance.position()).fees).toBe(500n);
    expect(await governance.claimFees({ to: other.address })).toBe(500n);

    expect(await clientOf(other).account.balance()).toMatchObject({ wallet: 500n });
    await expect(governance.claimFees()).rejects.toMatchObject({ code: "nothing-payable" });
  });

  test("refuses what is not there, without a transaction", async () => {
    const { governance } = clientOf(other);
    await expect(governance.stake({ amount: 0n })).rejects.toMatchObject({ code: "invalid-amount" });
    await expect(governance.stake({ amount: 1n })).rejects.toMatchObject({ code: "insufficient-wallet" });
    await expect(governance.beginExit()).rejects.toMatchObject({ code: "insufficient-stake" });
    await expect(governance.cancelExit()).rejects.toMatchObject({ code: "nothing-cooling" });
    await expect(governance.withdraw()).rejects.toMatchObject({ code: "nothing-cooling" });
  });
});
