import type { BatchEvent, Millrace, Settlement } from "@millrace/client";
import { createPublicClient, custom, type EIP1193RequestFn, http } from "viem";
import { describe, expect, test } from "vitest";
import { batchFile, buyer, openMarket, prompts, readOutput, type TestMarket } from "./fixture.ts";

const ITEMS = 40;
const input = batchFile(prompts(ITEMS));

/** Runs until the `count`th event of a type, then stops as a killed process would: in the middle of everything. */
async function runUntil(client: Millrace, type: BatchEvent["type"], count = 1): Promise<void> {
  const kill = new AbortController();
  let seen = 0;
  const run = client.batches.run({
    input,
    signal: kill.signal,
    onProgress: (event) => {
      if (event.type === type && ++seen === count) kill.abort();
    },
  });
  await expect(run).rejects.toMatchObject({ name: "AbortError" });
}

async function expectFinished(
  market: TestMarket,
  { batchId, settlement }: { batchId: string; settlement: Settlement },
): Promise<void> {
  const output = await readOutput(market.client(), batchId);
  expect(output.map(({ custom_id, error }) => [custom_id, error])).toEqual(
    Array.from({ length: ITEMS }, (_, i) => [`item-${i}`, null]),
  );
  const { escrowed, paid, fee, refunded, charges, locked } = settlement;
  expect(paid + fee + refunded + charges).toBe(escrowed);
  expect(locked).toBe(0n);
  // Nothing was opened twice: all that ever left the balance is what this settlement says.
  const { free } = await market.client().account.balance();
  expect(free).toBe(10n ** 12n - paid - fee + settlement.compensation);
  expect(await market.client().batches.list()).toHaveLength(1);
}

describe("a killed client resumes", () => {
  test.for<[BatchEvent["type"], number]>([
    ["started", 1],
    ["opened", 1],
    ["lot-assigned", 2],
    ["input-sent", 1],
    ["lot-submitted", 1],
    ["lot-verified", 1],
    ["lot-settled", 1],
  ])("after %s × %d", async ([type, count]) => {
    const market = await openMarket();
    await market.provider(0, { claims: true });
    await market.provider(1);
    await runUntil(market.client(), type, count);
    const events: BatchEvent[] = [];

    const result = await market.client().batches.run({ input, onProgress: (event) => events.push(event) });

    // Of what was only kept nothing was sent: it begins again.
    const isResumed = type !== "started";
    expect(events[0]).toEqual({ type: "started", batchId: result.batchId, isResumed });
    await expectFinished(market, result);
  });

  test("after a transaction whose answer never came", async () => {
    const market = await openMarket();
    await market.provider(0, { claims: true });
    const forward = createPublicClient({ transport: http(market.network.rpcUrl) });
    let isCut = false;
    // Sends the first transaction and then loses the connection for good.
    const request = (async (call: { method: string; params: unknown }) => {
      if (isCut) throw new Error("The connection is gone.");
      const answer: unknown = await forward.request(call as never);
      if (call.method === "eth_sendRawTransaction") isCut = true;
      if (isCut) throw new Error("The connection is gone.");
      return answer;
    }) as EIP1193RequestFn;
    const cut = market.client({ transport: custom({ request }, { retryCount: 0 }) });
    await expect(cut.batches.run({ input })).rejects.toThrow("The connection is gone.");

    const result = await market.client().batches.run({ input });

    await expectFinished(market, result);
    const { settlement } = result;
    expect(settlement.escrowed).toBe(settlement.paid + settlement.fee + settlement.refunded);
  });

  test("by its id, from a process that never saw the file", async () => {
    const market = await openMarket();
    await market.provider(0, { claims: true });
    await runUntil(market.client(), "lot-assigned");
    const [batch] = await market.client().batches.list();

    const result = await market.client().batches.run({ batchId: batch!.batchId });

    await expectFinished(market, result);
  });
});

describe("one batch, several processes", () => {
  test("a second run of the same file is refused while the first goes on", async () => {
    const market = await openMarket();
    const kill = new AbortController();
    await market.provider(0, { misdeed: "silence" });
    const started = Promise.withResolvers<string>();
    const first = market.client().batches.run({
      input,
      signal: kill.signal,
      onProgress: (event) => {
        if (event.type === "started") started.resolve(event.batchId);
      },
    });
    first.catch(started.reject);
    const batchId = await started.promise;

    await expect(market.client().batches.run({ input })).rejects.toMatchObject({ code: "locked" });
    await expect(market.client().batches.run({ batchId })).rejects.toMatchObject({ code: "locked" });
    kill.abort();
    await expect(first).rejects.toMatchObject({ name: "AbortError" });
  });

  test("the output of an unfinished batch is refused, its status is not", async () => {
    const market = await openMarket();
    await market.provider(0, { misdeed: "silence" });
    await runUntil(market.client(), "opened");
    const client = market.client();
    const [batch] = await client.batches.list();

    await expect(readOutput(client, batch!.batchId)).rejects.toMatchObject({ code: "batch-unfinished" });
    const state = await client.batches.retrieve({ batchId: batch!.batchId });
    expect(state.status).toBe("in-progress");
    expect(state.jobs[0]!.items).toEqual({
      unassigned: 0,
      assigned: ITEMS,
      submitted: 0,
      settled: 0,
      withdrawn: 0,
    });
    expect(state.settlement.locked).toBe(state.settlement.escrowed);
    await expect(client.batches.retrieve({ batchId: "batch_none" })).rejects.toMatchObject({
      code: "unknown-batch",
    });
  });

  test("another account does not run it", async () => {
    const market = await openMarket();
    await market.provider(0, { misdeed: "silence" });
    await runUntil(market.client(), "opened");
    const [batch] = await market.client().batches.list();
    const { developmentAccount } = await import("@millrace/protocol");
    const stranger = market.client({ account: developmentAccount(9) });

    const run = stranger.batches.run({ batchId: batch!.batchId });

    await expect(run).rejects.toMatchObject({ code: "other-account" });
    expect(buyer.address).not.toBe(developmentAccount(9).address);
  });
});
