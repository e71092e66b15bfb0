import { backersAbi, developmentAccount } from "@millrace/protocol";
import { describe, expect, test } from "vitest";
import { send, sentTransactions } from "./chain.ts";
import { buyer, openMarket, providerAccounts, type TestMarket } from "./fixture.ts";

const provider = providerAccounts[0]!;

function openPool({ network }: TestMarket, commissionBps: number) {
  const backers = { abi: backersAbi, address: network.backers };
  return send(network, provider, { ...backers, functionName: "openPool", args: [commissionBps] });
}

describe("backing", () => {
  test("puts free balance behind a provider, leaves in parts, and gets it back", async () => {
    const market = await openMarket({ balance: 100n });
    await openPool(market, 1_000);
    const { backing, account } = market.client();
    const all = { provider: provider.address };

    await backing.add({ ...all, amount: 60n });

    const pool = { ...all, isOpen: true, commissionBps: 1_000, assets: 60n, locked: 0n };
    expect(await backing.pool(all)).toEqual(pool);
    expect(await backing.list()).toEqual([{ pool, shares: 60_000_000n, worth: 60n, exits: [] }]);
    expect(await account.balance()).toMatchObject({ free: 40n });

    await backing.leave({ ...all, amount: 20n });
    const [first] = await backing.list(all);
    expect(first).toMatchObject({ worth: 40n, exits: [{ claimed: 20n, payable: 20n }] });
    await backing.leave(all);
    expect(await backing.withdraw(all)).toBe(60n);

    expect(await backing.list()).toEqual([]);
    expect(await account.balance()).toMatchObject({ free: 100n });
    expect(await backing.list({ backer: developmentAccount(12).address })).toEqual([]);
  });

  test("refuses what cannot be, without a transaction", async () => {
    const market = await openMarket({ balance: 100n });
    const { backing } = market.client();
    const all = { provider: provider.address };

    await expect(backing.add({ ...all, amount: 1n })).rejects.toMatchObject({ code: "pool-closed" });
    await openPool(market, 300);
    const sent = await sentTransactions(market.network, buyer);
    await expect(backing.add({ ...all, amount: 1n, maxCommissionBps: 299 })).rejects.toMatchObject({
      code: "commission-too-high",
    });
    await expect(backing.add({ ...all, amount: 0n })).rejects.toMatchObject({ code: "invalid-amount" });
    await expect(backing.add({ ...all, amount: 101n })).rejects.toMatchObject({ code: "insufficient-free" });
    await expect(backing.leave(all)).rejects.toMatchObject({ code: "insufficient-backing" });
    await expect(backing.leave({ ...all, amount: -1n })).rejects.toMatchObject({ code: "invalid-amount" });
    await expect(backing.withdraw(all)).rejects.toMatchObject({ code: "nothing-payable" });
    expect(await sentTransactions(market.network, buyer)).toBe(sent);

    await backing.add({ ...all, amount: 100n, maxCommissionBps: 300 });
    await expect(backing.leave({ ...all, amount: 101n })).rejects.toMatchObject({
      code: "insufficient-backing",
    });
  });
});
