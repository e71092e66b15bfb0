import type { Network } from "@millrace/protocol";
import { marketAbi } from "@millrace/protocol";
import { createPublicClient, http } from "viem";
import { describe, expect, test } from "vitest";
import { batchFile, buyer, modelSpec, openMarket, prompts, publish, type TestMarket } from "./fixture.ts";
import { openWallet } from "./testWallet.ts";

const input = batchFile(prompts(4));

async function openedJobs({ market, rpcUrl }: Network) {
  const reader = createPublicClient({ transport: http(rpcUrl) });
  return reader.getContractEvents({ address: market, abi: marketAbi, eventName: "JobOpened", fromBlock: 0n });
}

/** A market of two models, and a file with requests for both. */
async function openTwo(): Promise<{ market: TestMarket; both: string }> {
  const market = await openMarket();
  const second = { ...modelSpec, name: "another" };
  await publish(market.network, second);
  await market.provider(0);
  await market.provider(1, { model: second });
  const other = batchFile(["one more"], { model: "another" }).replace("item-0", "other");
  return { market, both: input + other };
}

describe("a batch whose opening did not come to an end", () => {
  test("of some jobs is said to be partly open, and goes on with the others when it is asked for again", async () => {
    const { market, both } = await openTwo();
    const { wallet } = openWallet(market.network, buyer.address, { sends: 1 });
    let kept: string | undefined;
    const creating = market.client({ account: wallet }).batches.create({
      input: both,
      metadata: { note: "mine" },
      onKept: ({ batchId }) => {
        kept = batchId;
      },
    });

    await expect(creating).rejects.toMatchObject({
      code: "partly-opened",
      retryable: true,
      shortMessage: "1 of the batch's 2 jobs is open.",
      cause: expect.objectContaining({ code: "wallet-rejected" }),
    });
    expect(await market.client().batches.list()).toMatchObject([{ batchId: kept }]);
    let isResumed = false;
    const { batchId, metadata } = await market.client().batches.create({
      input: both,
      metadata: { note: "other" },
      onKept: (batch) => {
        ({ isResumed } = batch);
      },
    });

    expect({ batchId, metadata, isResumed }).toEqual({
      batchId: kept,
      metadata: { note: "mine" },
      isResumed: true,
    });
    expect(await openedJobs(market.network)).toHaveLength(2);
    // And once more: all are open.
    await market.client().batches.create({ input: both });
    expect(await openedJobs(market.network)).toHaveLength(2);
    await market.client().batches.create({ input: both, forceNew: true });
    expect(await openedJobs(market.network)).toHaveLength(4);
  });

  test("behavior: what is still to be opened may reserve no more than it is allowed", async () => {
    const { market, both } = await openTwo();
    const { wallet } = openWallet(market.network, buyer.address, { sends: 1 });
    const creating = market.client({ account: wallet }).batches.create({ input: both });
    await expect(creating).rejects.toMatchObject({ code: "partly-opened" });

    await expect(market.client().batches.create({ input: both, maxReserve: 1n })).rejects.toMatchObject({
      code: "reserve-too-high",
    });
    expect(await openedJobs(market.network)).toHaveLength(1);
  });

  test("at all begins again, as the same batch, at the terms that are asked for then", async () => {
    const market = await openMarket();
    await market.provider(0);
    const { wallet } = openWallet(market.network, buyer.address, { sends: 0 });
    const refused = market.client({ account: wallet }).batches.create({ input });
    await expect(refused).rejects.toMatchObject({ code: "wallet-rejected" });
    const [kept] = await market.client().batches.list();

    await market.client().batches.create({ input, turnaroundSeconds: 77, metadata: { note: "second" } });

    expect(await market.client().batches.list()).toHaveLength(1);
    const { batchId } = kept!;
    const { status, metadata, jobs, buyer: owner } = await market.client().batches.retrieve({ batchId });
    expect({ status, metadata, owner }).toEqual({
      status: "in-progress",
      metadata: { note: "second" },
      owner: buyer.address,
    });
    expect(jobs[0]!.view.job!.request.turnaroundSeconds).toBe(77);
  });

  test("in a way that nobody knows the end of goes on at the terms that it was begun with", async () => {
    const market = await openMarket();
    await market.provider(0);
    const { wallet } = openWallet(market.network, buyer.address, { lacks: ["eth_sendTransaction"] });
    await expect(market.client({ account: wallet }).batches.create({ input })).rejects.toMatchObject({
      code: "chain-error",
    });

    await market.client().batches.create({ input, turnaroundSeconds: 77 });

    const [batch] = await market.client().batches.list();
    const { jobs } = await market.client().batches.retrieve({ batchId: batch!.batchId });
    expect(jobs[0]!.view.job!.request.turnaroundSeconds).toBe(3_600);
  });
});

test("behavior: of two who open the same input at once, one is told so", async () => {
  const market = await openMarket();
  await market.provider(0);

  const outcomes = await Promise.allSettled([1, 2].map(() => market.client().batches.create({ input })));

  const refused = outcomes.filter(({ status }) => status === "rejected");
  expect(refused).toMatchObject([{ reason: { code: "locked", retryable: true } }]);
  expect(await openedJobs(market.network)).toHaveLength(1);
});

test("behavior: what is kept with a batch is replaced by who drives it, and by nobody else", async () => {
  const market = await openMarket();
  await market.provider(0, { misdeed: "silence" });
  const client = market.client();
  const { batchId } = await client.batches.create({ input, metadata: { pays: "by hand" } });
  const stop = new AbortController();
  const started = Promise.withResolvers<void>();
  const first = client.batches.run({
    batchId,
    metadata: { pays: "at once" },
    signal: stop.signal,
    onProgress: ({ type }) => type === "input-sent" && started.resolve(),
  });
  await started.promise;

  const second = market.client().batches.run({ batchId, metadata: { pays: "never" } });

  await expect(second).rejects.toMatchObject({ code: "locked" });
  stop.abort();
  await expect(first).rejects.toMatchObject({ name: "AbortError" });
  expect((await client.batches.retrieve({ batchId })).metadata).toEqual({ pays: "at once" });
});
