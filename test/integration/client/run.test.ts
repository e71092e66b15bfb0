import type { BatchEvent, Settlement } from "@millrace/client";
import { createPublicClient, custom, type EIP1193RequestFn, HttpRequestError, http } from "viem";
import { describe, expect, test } from "vitest";
import {
  batchFile,
  modelSpec,
  openMarket,
  prompts,
  providerAccounts,
  publish,
  readOutput,
} from "./fixture.ts";

/** Escrow goes somewhere, to the base unit. */
function expectConserved(settlement: Settlement): void {
  const { escrowed, paid, fee, refunded, charges, locked } = settlement;
  expect(paid + fee + refunded + charges + locked).toBe(escrowed);
}

describe("batches.run", () => {
  test("runs a batch over two providers and a bid, pays them and returns the rest", async () => {
    const market = await openMarket();
    await market.provider(0, { claims: true });
    await market.provider(1, { offer: { outputPricePerMillion: 500_000n } });
    const client = market.client();
    const before = await client.account.balance();
    const events: BatchEvent[] = [];

    const { batchId, items, settlement } = await client.batches.run({
      input: batchFile([...prompts(60), "FAIL", "INVALID"]),
      onProgress: (event) => events.push(event),
    });

    expect(items).toEqual({ total: 62, completed: 60, failed: 2 });
    const output = await readOutput(client, batchId);
    expect(output.map(({ custom_id }) => custom_id)).toEqual(
      Array.from({ length: 62 }, (_, i) => `item-${i}`),
    );
    expect(output[7]!.response!.body.choices[0]!.message.content).toBe("PROMPT NUMBER 7");
    expect(output[7]!.response!.body.usage).toEqual({
      prompt_tokens: 15,
      completion_tokens: 8,
      total_tokens: 23,
    });
    expect(output[60]).toMatchObject({ response: null, error: { code: "error" } });
    expect(output[61]).toMatchObject({ response: { status_code: 400 }, error: { code: "invalid-input" } });

    expectConserved(settlement);
    expect(settlement.locked).toBe(0n);
    expect(settlement.lots.settled).toBe(settlement.lots.total);
    expect(settlement.providers.map(({ address }) => address).sort()).toEqual(
      [providerAccounts[0]!.address, providerAccounts[1]!.address].sort(),
    );
    expect(settlement.providers.reduce((sum, provider) => sum + provider.items, 0)).toBe(62);
    const after = await client.account.balance();
    expect(after.locked).toBe(0n);
    expect(after.free).toBe(before.free - settlement.paid - settlement.fee + settlement.compensation);

    const types = events.map(({ type }) => type);
    expect(types.slice(0, 2)).toEqual(["started", "opened"]);
    expect(types.at(-1)).toBe("done");
    for (const type of ["lot-assigned", "input-sent", "lot-submitted", "lot-verified", "lot-settled"]) {
      expect(types.filter((t) => t === type)).toHaveLength(settlement.lots.total);
    }
  });

  test("runs a file of two models as two jobs, and gives the output in the order of the input", async () => {
    const market = await openMarket();
    const other = { ...modelSpec, name: "other" };
    await publish(market.network, other);
    await market.provider(0);
    await market.provider(1, { model: other });
    const client = market.client();
    const models = ["upper-case", "other", "other", "upper-case", "other"];
    const input = models
      .map((model, i) => batchFile([`prompt ${i}`], { model }).replace("item-0", `item-${i}`))
      .join("");

    const { batchId, settlement } = await client.batches.run({ input });

    const output = await readOutput(client, batchId);
    expect(output.map(({ custom_id, response }) => [custom_id, response!.body.model])).toEqual(
      models.map((model, i) => [`item-${i}`, model]),
    );
    expect(output.map(({ response }) => response!.body.choices[0]!.message.content)).toEqual(
      models.map((_, i) => `PROMPT ${i}`),
    );
    expect(settlement.lots).toEqual({ total: 2, settled: 2 });
    expectConserved(settlement);
  });

  test("with one model for all requests, sends that name whatever they say", async () => {
    const market = await openMarket();
    await market.provider(0);
    const client = market.client();

    const { batchId } = await client.batches.run({
      input: batchFile(["a"], { model: "gpt-4o-mini" }),
      model: modelSpec.name,
    });

    const [line] = await readOutput(client, batchId);
    expect(line!.response!.body.model).toBe(modelSpec.name);
  });

  test("an unfinished batch is resumed, a finished one is bought again", async () => {
    const market = await openMarket();
    await market.provider(0);
    const input = batchFile(prompts(2));

    const first = await market.client().batches.run({ input });
    const second = await market.client().batches.run({ input });

    expect(second.batchId).not.toBe(first.batchId);
    expect(second.settlement.paid).toBe(first.settlement.paid);
  });

  test("outlives a chain that goes away for a while", async () => {
    const market = await openMarket();
    await market.provider(0);
    const forward = createPublicClient({ transport: http(market.network.rpcUrl) });
    let isAway = false;
    const request = (async (call: never) => {
      if (isAway) throw new HttpRequestError({ url: market.network.rpcUrl, details: "away" });
      return forward.request(call);
    }) as EIP1193RequestFn;
    const client = market.client({ transport: custom({ request }, { retryCount: 0 }) });
    const warnings: string[] = [];

    const { items } = await client.batches.run({
      input: batchFile(prompts(10)),
      onProgress: (event) => {
        if (event.type === "input-sent") isAway = true;
        if (event.type !== "warning") return;
        warnings.push(event.error.code);
        isAway = warnings.length < 3;
      },
    });

    expect(items.completed).toBe(10);
    expect(warnings.slice(0, 3)).toEqual(Array.from({ length: 3 }, () => "chain-unreachable"));
  });
});
