import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { developmentAccount, marketAbi } from "@millrace/protocol";
import { pino } from "pino";
import { createPublicClient, encodeFunctionData, type Hex, http, zeroAddress } from "viem";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { type LocalChain, startChain } from "../../../devnet/src/chain.ts";
import { connectChain } from "../../../provider-agent/src/chain/chain.ts";
import {
  type Call,
  createTransactions,
  type Transactions,
  type TransactionsOptions,
} from "../../../provider-agent/src/chain/transactions.ts";
import { eventually } from "./eventually.ts";

const account = developmentAccount(3);
let local: LocalChain;
let folder: string;
beforeAll(async () => {
  local = await startChain();
});
afterAll(() => local.close());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-transactions-"));
  // Nothing is mined but when a test says so.
  await rpc("evm_setIntervalMining", [0]);
  await rpc("evm_setAutomine", [false]);
  return async () => {
    await rpc("evm_mine");
    await rm(folder, { recursive: true, force: true });
  };
});

const rpc = <T = unknown>(method: string, params: readonly unknown[] = []): Promise<T> =>
  createPublicClient({ transport: http(local.network.rpcUrl) }).request({ method, params } as never);

async function open(options: Partial<TransactionsOptions> = {}): Promise<{
  transactions: Transactions;
  stop: AbortController;
}> {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const transactions = createTransactions({
    chain: await connectChain(local.network),
    account,
    path: join(folder, "transaction.json"),
    logger: pino({ level: "silent" }),
    signal: stop.signal,
    pollingIntervalMs: 20,
    ...options,
  });
  return { transactions, stop };
}

const cancelAll = (purpose = "test"): Call => ({
  to: local.network.market,
  data: encodeFunctionData({ abi: marketAbi, functionName: "cancelAllOffers", args: [account.address] }),
  purpose,
});

interface PooledTransaction {
  hash: Hex;
  nonce: Hex;
  maxFeePerGas: Hex;
}

async function pool(): Promise<PooledTransaction[]> {
  const block = await rpc<{ transactions: PooledTransaction[] }>("eth_getBlockByNumber", ["pending", true]);
  return block.transactions;
}

const epoch = async () => {
  const client = createPublicClient({ transport: http(local.network.rpcUrl) });
  const { offerEpoch } = await client.readContract({
    abi: marketAbi,
    address: local.network.market,
    functionName: "accountOf",
    args: [account.address],
  });
  return offerEpoch;
};

test("the contract refuses: transaction-reverted with the name of its error, and no nonce is used", async () => {
  const { transactions } = await open();
  const data = encodeFunctionData({
    abi: marketAbi,
    functionName: "withdraw",
    args: [zeroAddress, 1n],
  });
  await expect(
    transactions.send(() => ({ to: local.network.market, data, purpose: "withdrawal" })),
  ).rejects.toMatchObject({ code: "transaction-reverted", revert: "Ledger_ZeroAddress", retryable: false });
  expect(await pool()).toEqual([]);
});

test("gas above the owner's limit: gas-too-expensive, retryable", async () => {
  const { transactions } = await open({ maxFeePerGas: 1n });
  await expect(transactions.send(() => cancelAll())).rejects.toMatchObject({
    code: "gas-too-expensive",
    retryable: true,
  });
});

test("nothing to send: nothing is sent", async () => {
  const { transactions } = await open();
  expect(await transactions.send(() => undefined)).toBeUndefined();
  expect(await pool()).toEqual([]);
});

test("one whose predecessor a reorg undid is sent again, with the nonce that is due", async () => {
  const { transactions } = await open({ replaceAfterMs: 200 });
  const before = await epoch();
  const fork = await rpc("evm_snapshot");
  const earlier = transactions.send(() => cancelAll());
  await eventually(async () => (await pool()).length).toBe(1);
  const [first] = await pool();
  await rpc("evm_mine");
  await earlier;
  const sending = transactions.send(() => cancelAll());
  await eventually(async () => (await pool()).length).toBe(1);
  await rpc("evm_revert", [fork]);
  await eventually(async () => (await pool())[0]?.nonce).toBe(first!.nonce);
  await rpc("evm_mine");
  expect((await sending)?.status).toBe("success");
  expect(await epoch()).toBe(before + 1);
});

test("one that is not mined is sent again, with the same nonce and fees a quarter higher", async () => {
  const { transactions } = await open({ replaceAfterMs: 200 });
  const before = await epoch();
  const sending = transactions.send(() => cancelAll());
  await eventually(async () => (await pool()).length).toBe(1);
  const [first] = await pool();
  await eventually(async () => (await pool())[0]!.hash).not.toBe(first!.hash);
  const [second] = await pool();
  expect(second!.nonce).toBe(first!.nonce);
  expect(BigInt(second!.maxFeePerGas) * 100n).toBeGreaterThanOrEqual(BigInt(first!.maxFeePerGas) * 125n);
  await rpc("evm_mine");
  expect(await sending).toMatchObject({ status: "success" });
  expect(await epoch()).toBe(before + 1);
  expect(await readdir(folder)).toEqual([]);
});

test("a crash before it is mined: the next start takes it up, and what follows has the next nonce", async () => {
  const crashed = await open();
  const before = await epoch();
  crashed.transactions.send(() => cancelAll("before the crash")).catch(() => {});
  await eventually(async () => (await pool()).length).toBe(1);
  const [first] = await pool();
  crashed.stop.abort();

  const { transactions } = await open();
  const sending = transactions.send(() => cancelAll("after it"));
  await rpc("evm_mine");
  await eventually(async () => (await pool()).map(({ nonce }) => Number(nonce))).toEqual([
    Number(first!.nonce) + 1,
  ]);
  await rpc("evm_mine");
  expect(await sending).toMatchObject({ status: "success" });
  expect(await epoch()).toBe(before + 2);
});

test("a crash before it was broadcast: the next start broadcasts it, once", async () => {
  const chain = await connectChain(local.network);
  const broken: typeof chain = {
    ...chain,
    client: {
      ...chain.client,
      sendRawTransaction: () => Promise.reject(new Error("the cable is cut")),
    } as typeof chain.client,
  };
  const crashed = await open({ chain: broken });
  const before = await epoch();
  crashed.transactions.send(() => cancelAll()).catch(() => {});
  await eventually(async () => (await readdir(folder)).includes("transaction.json")).toBe(true);
  crashed.stop.abort();
  expect(await pool()).toEqual([]);

  const { transactions } = await open();
  const sending = transactions.send(() => undefined);
  await eventually(async () => (await pool()).length).toBe(1);
  await rpc("evm_mine");
  await sending;
  expect(await epoch()).toBe(before + 1);
});

test("another program takes the nonce: ours is sent with the next one", async () => {
  const { transactions } = await open({ replaceAfterMs: 60_000 });
  const before = await epoch();
  const sending = transactions.send(() => cancelAll());
  await eventually(async () => (await pool()).length).toBe(1);
  const [ours] = await pool();
  await rpc("hardhat_dropTransaction", [ours!.hash]);
  await rpc("eth_sendTransaction", [
    { from: account.address, to: account.address, value: "0x1", nonce: ours!.nonce },
  ]);
  await rpc("evm_mine");
  await eventually(async () => (await pool()).map(({ nonce }) => Number(nonce))).toEqual([
    Number(ours!.nonce) + 1,
  ]);
  await rpc("evm_mine");
  expect(await sending).toMatchObject({ status: "success" });
  expect(await epoch()).toBe(before + 1);
});
