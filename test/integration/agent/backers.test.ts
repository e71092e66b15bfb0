import { backersAbi } from "@millrace/protocol";
import { createWalletClient, encodeFunctionData, http, type LocalAccount } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createWorld, stories, type World } from "./fixture.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

/** A quarter of the least collateral of a lot, and nothing more. */
const OWN = 2_500n;

async function callBackers(account: LocalAccount, data: `0x${string}`): Promise<void> {
  const { network, buyer } = world;
  const wallet = createWalletClient({ account, transport: http(network.rpcUrl) });
  const hash = await wallet.sendTransaction({ chain: null, to: network.backers, data });
  const { status } = await buyer.reader.waitForTransactionReceipt({ hash });
  if (status !== "success") throw new Error("refused");
}

const readPool = () => {
  const { network, buyer, provider } = world;
  const backers = { abi: backersAbi, address: network.backers } as const;
  return buyer.reader.readContract({ ...backers, functionName: "poolOf", args: [provider.address] });
};

test("an agent that others back takes lots which it could not take alone, and they share the pay", async () => {
  const { buyer, provider, rival } = world;
  const { free } = await world.money(provider.address);
  await world.call(provider, "withdraw", [provider.address, free - OWN]);
  const open = encodeFunctionData({ abi: backersAbi, functionName: "openPool", args: [2_000] });
  await callBackers(provider, open);
  const back = encodeFunctionData({
    abi: backersAbi,
    functionName: "back",
    args: [provider.address, 1_000_000n],
  });
  await callBackers(rival, back);
  const agent = await world.agent();
  const opened = await buyer.open({
    modelId: agent.modelId,
    turnaroundSeconds: 300,
    requests: stories(4, 4),
  });

  const [lot] = await buyer.lotsOf(opened.jobId, 1);
  expect(lot!.lot).toMatchObject({ provider: provider.address, collateral: 10_000n });
  expect(await world.money(provider.address)).toEqual({ free: 0n, locked: OWN });
  expect(await readPool()).toMatchObject({ assets: 1_000_000n, locked: 7_500n });
  await buyer.upload(opened, lot!);
  await buyer.reaches(lot!.lotId, "submitted");
  const due = await buyer.due(lot!);
  await buyer.accept([lot!]);
  // Three quarters of the pay are the backers', of which the provider keeps a fifth.
  const earned = due - due / 100n;
  const share = (((earned * 3n) / 4n) * 8_000n) / 10_000n;
  const pool = await readPool();
  expect(pool.locked).toBe(0n);
  expect(pool.assets - 1_000_000n).toBe(share);
  const ours = await world.money(provider.address);
  expect(ours.free + pool.assets).toBe(OWN + 1_000_000n + earned);
});
