import type { BatchEvent, TopUp } from "@millrace/client";
import { describe, expect, test } from "vitest";
import { passTime } from "./chain.ts";
import { batchFile, openMarket, prompts, providerAccounts, readOutput } from "./fixture.ts";
import type { Misdeed } from "./testProvider.ts";

describe("a provider that is wrong", () => {
  test.for<Misdeed>(["wrong-totals", "above-cap"])(
    "in a way that hashes prove loses its collateral, and another does the work: %s",
    async (misdeed) => {
      const market = await openMarket();
      // The cheaper one, so that it gets everything at first.
      await market.provider(0, { misdeed, offer: { outputPricePerMillion: 300_000n } });
      await market.provider(1, { claims: true, offers: false });
      const client = market.client();
      const events: BatchEvent[] = [];

      const { batchId, items, settlement } = await client.batches.run({
        input: batchFile(prompts(10)),
        lotItems: 10,
        onProgress: (event) => events.push(event),
      });

      expect(items).toEqual({ total: 10, completed: 10, failed: 0 });
      expect((await readOutput(client, batchId)).every(({ error }) => error === null)).toBe(true);
      const [cheat, honest] = providerAccounts.map(({ address }) => address);
      expect(events).toContainEqual(expect.objectContaining({ type: "lot-unverified", provider: cheat }));
      expect(events).toContainEqual(
        expect.objectContaining({ type: "lot-reopened", cause: "slashed", provider: cheat }),
      );
      expect(settlement.providers).toEqual([
        expect.objectContaining({ address: honest, items: 10, lots: 1 }),
      ]);
      expect(settlement.compensation).toBeGreaterThan(0n);
      const { escrowed, paid, fee, refunded, locked } = settlement;
      expect(paid + fee + refunded).toBe(escrowed);
      expect(locked).toBe(0n);
      const { locked: collateral } = await client.account.balance({ address: cheat! });
      expect(collateral).toBe(0n);
    },
  );

  test("in a way that only its receipts could show is asked for them on-chain, and loses when it shows none", async () => {
    const market = await openMarket({ marketParameters: { answerSeconds: 3 } });
    await market.provider(0, {
      misdeed: "swapped-text-tokens",
      offer: { outputPricePerMillion: 300_000n },
    });
    await market.provider(1, { claims: true, offers: false });
    const client = market.client();
    const events: BatchEvent[] = [];

    const { items, settlement } = await client.batches.run({
      input: batchFile(prompts(10)),
      lotItems: 10,
      onProgress: (event) => events.push(event),
    });

    const [cheat, honest] = providerAccounts.map(({ address }) => address);
    expect(items).toEqual({ total: 10, completed: 10, failed: 0 });
    expect(events).toContainEqual(expect.objectContaining({ type: "lot-held", cause: "demanded" }));
    expect(events).toContainEqual(
      expect.objectContaining({ type: "lot-reopened", cause: "slashed", provider: cheat }),
    );
    expect(settlement.providers).toEqual([expect.objectContaining({ address: honest, items: 10, lots: 1 })]);
    expect(settlement.compensation).toBeGreaterThan(0n);
    const { escrowed, paid, fee, refunded, locked } = settlement;
    expect(paid + fee + refunded).toBe(escrowed);
    expect(locked).toBe(0n);
  });

  test.for<Misdeed>(["wrong-key", "no-delivery"])(
    "in what it delivers has to deliver once more, and is slashed when it does not: %s",
    async (misdeed) => {
      const market = await openMarket({
        marketParameters: { windowSeconds: 600 },
        courtParameters: { phaseSeconds: 300 },
      });
      await market.provider(0, { misdeed, offer: { outputPricePerMillion: 300_000n } });
      await market.provider(1, { claims: true, offers: false });
      const client = market.client();
      const [cheat, honest] = providerAccounts.map(({ address }) => address);
      const events: BatchEvent[] = [];

      const { items, settlement } = await client.batches.run({
        input: batchFile(prompts(5)),
        onProgress: (event) => {
          events.push(event);
          // Past the half of the window, and past the time to deliver.
          if (event.type === "lot-submitted" && event.provider === cheat) void passTime(market.network, 301);
          if (event.type === "delivery-demanded") void passTime(market.network, 301);
        },
      });

      expect(items).toEqual({ total: 5, completed: 5, failed: 0 });
      expect(events).toContainEqual(
        expect.objectContaining({ type: "lot-reopened", cause: "slashed", provider: cheat }),
      );
      expect(settlement.providers).toEqual([expect.objectContaining({ address: honest, items: 5 })]);
      expect(settlement.bonds.staked).toBeGreaterThan(0n);
      expect(settlement.bonds.returned).toBe(settlement.bonds.staked);
    },
  );

  test("and what of it cannot be demanded is not accepted once the window is over", async () => {
    const market = await openMarket({ marketParameters: { windowSeconds: 600 } });
    await market.provider(0, { misdeed: "no-delivery" });
    const client = market.client();

    const { batchId, settlement } = await client.batches.run({
      input: batchFile(prompts(5)),
      onProgress: ({ type }) => {
        if (type === "lot-submitted") void passTime(market.network, 601);
      },
    });

    const output = await readOutput(client, batchId);
    expect(output.map(({ error }) => error!.code)).toEqual(Array(5).fill("results-missing"));
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

  test("is taken once its limits are raised", async () => {
    const market = await openMarket();
    await market.provider(0, { offer: { capacityItems: 8 } });
    const client = market.client();
    const dear = { outputPricePerMillion: 900_000n };
    let topUp: Promise<TopUp> | undefined;

    const { items, settlement } = await client.batches.run({
      input: batchFile(prompts(16)),
      lotItems: 8,
      rampSeconds: 1,
      onProgress: ({ type }) => {
        if (type !== "lot-settled" || topUp) return;
        topUp = client.batches.list().then(async ([batch]) => {
          const { batchId, jobIds } = batch!;
          const { batches } = market.client();
          const raise = { batchId, outputLimitPerMillion: 900_000n };
          const quoted = await batches.quoteTopUp(raise);
          expect(await batches.quoteTopUp({ ...raise, jobIds: [] })).toEqual({ items: 0, reserve: 0n });
          await expect(batches.topUp({ ...raise, maxReserve: quoted.reserve - 1n })).rejects.toMatchObject({
            code: "reserve-too-high",
          });
          const raised = await batches.topUp({ ...raise, jobIds, maxReserve: quoted.reserve });
          expect(raised).toEqual(quoted);
          await market.provider(1, { claims: true, offer: dear });
          return raised;
        });
      },
    });

    expect(items).toEqual({ total: 16, completed: 16, failed: 0 });
    const { items: raisedItems, reserve } = await topUp!;
    expect(raisedItems).toBe(8);
    expect(reserve).toBeGreaterThan(0n);
    const { escrowed, paid, fee, refunded, locked } = settlement;
    expect(paid + fee + refunded).toBe(escrowed);
    expect(locked).toBe(0n);
    expect(settlement.providers.map(({ items: count }) => count)).toEqual([8, 8]);
  });

  test("is left to others by cancelling the bid alone", async () => {
    const market = await openMarket();
    await market.provider(0, { misdeed: "silence", offer: { capacityItems: 8 } });
    const client = market.client();
    let cancelled: Promise<unknown> | undefined;

    const { items, settlement } = await client.batches.run({
      input: batchFile(prompts(16)),
      lotItems: 8,
      onProgress: ({ type }) => {
        if (type === "input-sent") void passTime(market.network, 4_000);
        if (type !== "lot-reopened" || cancelled) return;
        cancelled = client.batches.list().then(async ([batch]) => {
          const { batchId } = batch!;
          const withdrawn = await market.client().batches.cancel({ batchId, bidOnly: true });
          await market.provider(1, { claims: true, offers: false });
          return withdrawn;
        });
      },
    });

    expect(await cancelled).toEqual({ withdrawnItems: 8 });
    expect(items).toEqual({ total: 16, completed: 8, failed: 8 });
    expect(settlement.locked).toBe(0n);
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
