import { formatAmount, marketAbi, testUsdAbi } from "@millrace/protocol";
import { http } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { describe, expect, test } from "vitest";
import { mint, send, sendEther, sentTransactions } from "./chain.ts";
import { batchFile, buyer, modelSpec, openMarket, prompts, publish } from "./fixture.ts";

const good = batchFile(prompts(3));

describe("bad input costs nothing and says what to do", () => {
  test("each kind, by its code", async () => {
    const market = await openMarket({ balance: 0n });
    await market.provider(0);
    await publish(market.network, { ...modelSpec, name: "unsold" });
    const sent = await sentTransactions(market.network, buyer);
    const client = market.client();
    const refusal = (options: Parameters<typeof client.batches.run>[0], other = client) =>
      expect(other.batches.run(options)).rejects;

    await refusal({ input: `${good}{"custom_id": 1}` }).toMatchObject({
      code: "malformed-line",
      problems: expect.arrayContaining([expect.objectContaining({ line: 4, field: "custom_id" })]),
    });
    await refusal({ input: good + good }).toMatchObject({ code: "duplicate-custom-id" });
    await refusal({ input: "\n" }).toMatchObject({ code: "empty-file" });
    await refusal({ input: batchFile(["a"], { model: "gpt" }) }).toMatchObject({
      code: "unknown-model",
      hints: expect.arrayContaining([expect.stringContaining(modelSpec.name)]),
    });
    await refusal({ input: batchFile(["a"], { model: "unsold" }) }).toMatchObject({ code: "no-offers" });
    await refusal({ input: good, outputLimitPerMillion: 399_999n }).toMatchObject({
      code: "limit-too-low",
      details: expect.stringContaining("0.1 and 0.4"),
    });
    await refusal({ input: good, turnaroundSeconds: 0 }).toMatchObject({ code: "invalid-option" });
    await refusal({ input: good, maxReserve: 1n }).toMatchObject({ code: "reserve-too-high" });
    const { reserve } = await client.quote({ input: good });
    await refusal({ input: good }).toMatchObject({
      code: "insufficient-balance",
      shortMessage: expect.stringContaining(formatAmount(reserve)),
    });
    await refusal({ input: good }, market.client({ relays: ["http://127.0.0.1:1"] })).toMatchObject({
      code: "relay-unreachable",
    });
    await refusal({ input: good }, market.client({ relays: [] })).toMatchObject({ code: "no-relay" });
    await refusal(
      { input: good },
      market.client({ transport: http("http://127.0.0.1:1", { retryCount: 0 }) }),
    ).toMatchObject({ code: "chain-unreachable", retryable: true });
    // Another local one: its account is refused anywhere else.
    await refusal(
      { input: good },
      market.client({ network: { ...market.network, chainId: 1_337 } }),
    ).toMatchObject({
      code: "wrong-chain",
    });
    const { account: _, ...anonymous } = { account: buyer };
    await refusal(
      { input: good },
      market.client({ ...anonymous, account: undefined as never }),
    ).toMatchObject({
      code: "no-account",
    });

    expect(await sentTransactions(market.network, buyer)).toBe(sent);
    expect(await client.batches.list()).toEqual([]);
  });

  test("requests beyond what any offer takes are refused with what offers take", async () => {
    const market = await openMarket();
    await market.provider(0, { offer: { maxOutputTokens: 16 } });

    const run = market.client().batches.run({ input: good });

    await expect(run).rejects.toMatchObject({
      code: "no-fitting-offer",
      details: expect.stringContaining("16"),
    });
  });

  test("a name that two models share must be resolved by id", async () => {
    const market = await openMarket();
    const twin = { ...modelSpec, licence: "MIT" };
    await publish(market.network, twin);
    await market.provider(0);
    await market.provider(1, { model: twin });
    const client = market.client();

    await expect(client.quote({ input: good })).rejects.toMatchObject({ code: "ambiguous-model" });
    const [model] = await client.models.list();
    const quote = await client.quote({ input: good, model: model!.modelId });
    expect(quote.jobs.map(({ model: { modelId } }) => modelId)).toEqual([model!.modelId]);
  });

  test("an account without gas money is told so, and its batch goes on when it has some", async () => {
    const market = await openMarket();
    await market.provider(0);
    const poor = privateKeyToAccount(generatePrivateKey());
    const client = market.client({ account: poor });
    // Balance in the market, by another's deposit, and nothing else.
    await mint(market.network, buyer, 1_000_000n);
    const asset = { abi: testUsdAbi, address: market.network.asset };
    await send(market.network, buyer, {
      ...asset,
      functionName: "approve",
      args: [market.network.market, 1_000_000n],
    });
    const deposit = { abi: marketAbi, address: market.network.market, functionName: "deposit" };
    await send(market.network, buyer, { ...deposit, args: [poor.address, 1_000_000n] });

    await expect(client.batches.run({ input: good })).rejects.toMatchObject({
      code: "insufficient-gas-funds",
    });

    await sendEther(market.network, buyer, poor.address);
    const { items } = await client.batches.run({ input: good });
    expect(items.completed).toBe(3);
    expect(await client.batches.list()).toHaveLength(1);
  });
});
