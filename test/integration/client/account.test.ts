import { developmentAccount, testUsdAbi } from "@millrace/protocol";
import {
  createPublicClient,
  custom,
  type EIP1193RequestFn,
  HttpRequestError,
  http,
  toFunctionSelector,
} from "viem";
import { describe, expect, test } from "vitest";
import { mint, sentTransactions } from "./chain.ts";
import { buyer, openMarket, type TestMarket } from "./fixture.ts";

/** A chain whose asset answers no calls about permits, as assets without them do. */
function withoutPermits({ network }: TestMarket) {
  const forward = createPublicClient({ transport: http(network.rpcUrl) });
  const missing = ["eip712Domain()", "nonces(address)"].map((name) => toFunctionSelector(name));
  const request = (async (call: { method: string; params: [{ data?: string }] }) => {
    const isMissing = missing.some((selector) => call.params?.[0]?.data?.startsWith(selector));
    if (call.method === "eth_call" && isMissing) return "0x";
    return forward.request(call as never);
  }) as EIP1193RequestFn;
  return custom({ request });
}

describe("account", () => {
  test("deposits with a permit, in one transaction", async () => {
    const market = await openMarket({ balance: 0n });
    await mint(market.network, buyer, 100n);
    const sent = await sentTransactions(market.network, buyer);
    const { account } = market.client();

    await account.deposit({ amount: 60n });

    expect(await account.balance()).toEqual({ address: buyer.address, free: 60n, locked: 0n, wallet: 40n });
    expect(await sentTransactions(market.network, buyer)).toBe(sent + 1);
  });

  test("deposits with an approval of just the amount where the asset has no permits", async () => {
    const market = await openMarket({ balance: 0n });
    await mint(market.network, buyer, 100n);
    const sent = await sentTransactions(market.network, buyer);
    const { account } = market.client({ transport: withoutPermits(market) });

    await account.deposit({ amount: 60n });

    expect(await account.balance()).toMatchObject({ free: 60n, wallet: 40n });
    expect(await sentTransactions(market.network, buyer)).toBe(sent + 2);
    const reader = createPublicClient({ transport: http(market.network.rpcUrl) });
    const left = await reader.readContract({
      address: market.network.asset,
      abi: testUsdAbi,
      functionName: "allowance",
      args: [buyer.address, market.network.market],
    });
    expect(left).toBe(0n);
  });

  test("withdraws to the account or to another", async () => {
    const market = await openMarket({ balance: 100n });
    const other = developmentAccount(12).address;
    const { account } = market.client();

    await account.withdraw({ amount: 30n });
    await account.withdraw({ amount: 20n, to: other });

    expect(await account.balance()).toMatchObject({ free: 50n, wallet: 30n });
    expect(await account.balance({ address: other })).toMatchObject({ free: 0n, wallet: 20n });
  });

  test("refuses what is not there, without a transaction", async () => {
    const market = await openMarket({ balance: 100n });
    const sent = await sentTransactions(market.network, buyer);
    const { account } = market.client();

    await expect(account.deposit({ amount: 1n })).rejects.toMatchObject({ code: "insufficient-wallet" });
    await expect(account.deposit({ amount: 0n })).rejects.toMatchObject({ code: "invalid-amount" });
    await expect(account.withdraw({ amount: 101n })).rejects.toMatchObject({ code: "insufficient-free" });
    await expect(account.withdraw({ amount: -1n })).rejects.toMatchObject({ code: "invalid-amount" });
    expect(await sentTransactions(market.network, buyer)).toBe(sent);
  });

  test("two clients of one account do not trip over each other's nonces", async () => {
    const market = await openMarket({ balance: 0n });
    await mint(market.network, buyer, 1_000n);
    const clients = [market.client(), market.client()];

    // Withdrawals of what was deposited, interleaved.
    await clients[0]!.account.deposit({ amount: 100n });
    await clients[1]!.account.deposit({ amount: 100n });
    await Promise.all(clients.map(({ account }) => account.withdraw({ amount: 10n })));
    await Promise.all(clients.map(({ account }) => account.withdraw({ amount: 10n })));

    expect(await clients[0]!.account.balance()).toMatchObject({ free: 160n });
  });

  test("a transaction whose answer was lost is not sent twice", async () => {
    const market = await openMarket({ balance: 100n });
    const forward = createPublicClient({ transport: http(market.network.rpcUrl) });
    let lost = 0;
    const request = (async (call: { method: string }) => {
      const answer: unknown = await forward.request(call as never);
      if (call.method === "eth_sendRawTransaction" && lost++ === 0) {
        throw new HttpRequestError({ url: market.network.rpcUrl, details: "the connection broke" });
      }
      return answer;
    }) as EIP1193RequestFn;
    const { account } = market.client({ transport: custom({ request }, { retryCount: 0 }) });

    await account.withdraw({ amount: 10n });

    expect(lost).toBe(1);
    expect(await account.balance()).toMatchObject({ free: 90n, wallet: 10n });
  });
});
