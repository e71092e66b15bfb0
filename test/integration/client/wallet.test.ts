import { createWalletClient, http } from "viem";
import { describe, expect, test } from "vitest";
import { mint, sentTransactions } from "./chain.ts";
import { batchFile, buyer, openMarket, prompts, readOutput } from "./fixture.ts";
import { openWallet } from "./testWallet.ts";

describe("a wallet", () => {
  test("signs a permit and sends the deposit", async () => {
    const market = await openMarket({ balance: 0n });
    await mint(market.network, buyer, 100n);
    const { wallet, asked } = openWallet(market.network, buyer.address);
    const { account } = market.client({ account: wallet });

    await account.deposit({ amount: 60n });

    expect(await account.balance()).toEqual({ address: buyer.address, free: 60n, locked: 0n, wallet: 40n });
    expect(asked.filter((method) => method !== "eth_chainId")).toEqual([
      "eth_signTypedData_v4",
      "eth_sendTransaction",
    ]);
  });

  test("buys a batch: signs what goes to the relay, sends what goes to the market", async () => {
    const market = await openMarket();
    await market.provider(0);
    const { wallet } = openWallet(market.network, buyer.address);
    const client = market.client({ account: wallet });

    const { batchId } = await client.batches.run({ input: batchFile(prompts(3)) });

    const lines = await readOutput(client, batchId);
    expect(lines.map(({ response }) => response?.body.choices[0]?.message.content)).toEqual(
      prompts(3).map((prompt) => prompt.toUpperCase()),
    );
  });

  test.each(["eth_sendTransaction", "eth_signTypedData_v4"])(
    "behavior: its user's refusal of %s is `wallet-rejected`, and nothing is sent",
    async (method) => {
      const market = await openMarket({ balance: 0n });
      await mint(market.network, buyer, 100n);
      const sent = await sentTransactions(market.network, buyer);
      const { wallet } = openWallet(market.network, buyer.address, { refuse: [method] });
      const { account } = market.client({ account: wallet });

      await expect(account.deposit({ amount: 60n })).rejects.toMatchObject({
        code: "wallet-rejected",
        retryable: false,
      });
      expect(await sentTransactions(market.network, buyer)).toBe(sent);
    },
  );

  test("behavior: a run whose user signs no upload ends with that", async () => {
    const market = await openMarket();
    await market.provider(0);
    const { wallet } = openWallet(market.network, buyer.address, { refuse: ["eth_signTypedData_v4"] });

    const running = market.client({ account: wallet }).batches.run({ input: batchFile(prompts(3)) });

    await expect(running).rejects.toMatchObject({ code: "wallet-rejected" });
  });

  test("behavior: on another chain it is asked for nothing: `wrong-chain`", async () => {
    const market = await openMarket({ balance: 100n });
    const { wallet, asked } = openWallet(market.network, buyer.address, { chainId: 1 });
    const { account } = market.client({ account: wallet });

    await expect(account.withdraw({ amount: 60n })).rejects.toMatchObject({ code: "wrong-chain" });
    await expect(account.deposit({ amount: 1n })).rejects.toMatchObject({ code: "insufficient-wallet" });
    await mint(market.network, buyer, 100n);
    await expect(account.deposit({ amount: 1n })).rejects.toMatchObject({ code: "wrong-chain" });
    expect(new Set(asked)).toEqual(new Set(["eth_chainId"]));
  });

  test("behavior: what a contract would refuse never gets to the wallet", async () => {
    const market = await openMarket({ balance: 100n });
    const { wallet, asked } = openWallet(market.network, buyer.address);
    const { account } = market.client({ account: wallet });

    await expect(
      account.withdraw({ amount: 60n, to: "0x0000000000000000000000000000000000000000" }),
    ).rejects.toMatchObject({ code: "contract-refused" });
    expect(asked).toEqual([]);
  });

  test("behavior: one that holds a key at hand signs with that", async () => {
    const market = await openMarket({ balance: 100n });
    const wallet = createWalletClient({ account: buyer, transport: http(market.network.rpcUrl) });
    const { account } = market.client({ account: wallet });

    await account.withdraw({ amount: 60n });

    expect(await account.balance()).toMatchObject({ free: 40n, wallet: 60n });
  });
});
