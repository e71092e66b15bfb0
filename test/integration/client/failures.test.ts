import type { BatchEvent } from "@millrace/client";
import { describe, expect, test } from "vitest";
import { passTime } from "./chain.ts";
import { batchFile, openMarket, prompts, providerAccounts, readOutput } from "./fixture.ts";
import type { Misdeed } from "./testProvider.ts";

describe("a provider that is wrong", () => {
  test.for<Misdeed>(["wrong-totals", "swapped-text-tokens", "above-cap"])(
    "is not accepted: %s",
    async (misdeed) => {
      const market = await openMarket();
      await market.provider(0, { misdeed });
      const client = market.client();

      const { batchId, items, settlement } = await client.batches.run({ input: batchFile(prompts(10)) });

      expect(items).toEqual({ total: 10, completed: 0, failed: 10 });
      const output = await readOutput(client, batchId);
      expect(output.map(({ response, error }) => [response, error!.code])).toEqual(
        Array.from({ length: 10 }, () => [null, "unverified"]),
      );
      expect(settlement.paid).toBe(0n);
      expect(settlement.locked).toBe(settlement.escrowed);
    },
  );

  test.for<[Misdeed, string]>([
    ["wrong-key", "unverified"],
    ["no-delivery", "results-missing"],
  ])("is waited for until the window ends, and not accepted: %s", async ([misdeed, code]) => {
    const market = await openMarket({ marketParameters: { windowSeconds: 3 } });
    await market.provider(0, { misdeed });
    const client = market.client();

    const { batchId, settlement } = await client.batches.run({ input: batchFile(prompts(5)) });

    const output = await readOutput(client, batchId);
    expect(output.map(({ error }) => error!.code)).toEqual(Array.from({ length: 5 }, () => code));
    expect(settlement.paid).toBe(0n);
  });
});

describe("a provider that is late", () => {
  test("loses its lots to another, and pays for that", async () => {
    const market = await openMarket();
    await market.provider(0, { misdeed: "silence", offer: { outputPricePerMillion: 300_000n } });
    await market.provider(1, { claims: true });
    const client = market.client();
    const events: BatchEvent[] = [];
    let hasJumped = false;

    const { items, settlement } = await client.batches.run({
      input: batchFile(prompts(32)),
      openingShare: 1,
      lotItems: 8,
      onProgress: (event) => {
        events.push(event);
        if (event.type !== "lot-settled" || hasJumped) return;
        hasJumped = true;
        // Beyond the turnaround of everything assigned so far.
        void passTime(market.network, 4_000);
      },
    });

    expect(items).toEqual({ total: 32, completed: 32, failed: 0 });
    const reopened = events.filter(({ type }) => type === "lot-reopened");
    expect(reopened).toHaveLength(2);
    expect(reopened[0]).toMatchObject({ cause: "expired", provider: providerAccounts[0]!.address });
    const again = events.filter((event) => event.type === "lot-assigned" && event.attempt === 1);
    expect(again).toHaveLength(2);
    expect(settlement.providers).toEqual([
      expect.objectContaining({ address: providerAccounts[1]!.address, items: 32, lots: 4 }),
    ]);
    expect(settlement.compensation).toBeGreaterThan(0n);
    const { escrowed, paid, fee, refunded, locked } = settlement;
    expect(paid + fee + refunded).toBe(escrowed);
    expect(locked).toBe(0n);
  });
});

describe("what nobody takes", () => {
  test("is withdrawn after the timeout, and costs nothing", async () => {
    const market = await openMarket();
    // Room for half of the batch, and nobody claims.
    await market.provider(0, { offer: { capacityItems: 8 } });
    const client = market.client();

    const { batchId, items, settlement } = await client.batches.run({
      input: batchFile(prompts(16)),
      lotItems: 8,
      timeoutSeconds: 2,
    });

    expect(items).toEqual({ total: 16, completed: 8, failed: 8 });
    const output = await readOutput(client, batchId);
    expect(output.map(({ error }) => error?.code ?? null)).toEqual([
      ...Array.from({ length: 8 }, () => null),
      ...Array.from({ length: 8 }, () => "not-taken"),
    ]);
    const { escrowed, paid, fee, refunded, locked } = settlement;
    expect(paid + fee + refunded).toBe(escrowed);
    expect(locked).toBe(0n);
  });

  test("is withdrawn when a lot reopened and nobody claims it", async () => {
    const market = await openMarket();
    await market.provider(0, { misdeed: "silence" });
    const client = market.client();

    const { items, settlement } = await client.batches.run({
      input: batchFile(prompts(8)),
      timeoutSeconds: 2,
      onProgress: ({ type }) => {
        if (type === "input-sent") void passTime(market.network, 4_000);
      },
    });

    expect(items).toEqual({ total: 8, completed: 0, failed: 8 });
    expect(settlement.refunded).toBe(settlement.escrowed);
    expect(settlement.compensation).toBeGreaterThan(0n);
  });

  test("is withdrawn by cancel, while lots under way go on", async () => {
    const market = await openMarket();
    await market.provider(0, { offer: { capacityItems: 8 } });
    const client = market.client();

    const { items, settlement } = await client.batches.run({
      input: batchFile(prompts(16)),
      lotItems: 8,
      onProgress: ({ type }) => {
        if (type !== "lot-settled") return;
        void client.batches
          .list()
          .then(([batch]) => market.client().batches.cancel({ batchId: batch!.batchId }));
      },
    });

    expect(items).toEqual({ total: 16, completed: 8, failed: 8 });
    expect(settlement.locked).toBe(0n);
  });
});
