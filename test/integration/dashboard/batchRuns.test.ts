import type { Millrace, RunBatchOptions } from "@millrace/client";
import type { Address } from "viem";
import { expect, onTestFinished, test } from "vitest";
import { type BatchRun, BatchRuns } from "../../../dashboard/src/batches/batchRuns.ts";
import { choicesOf, metadataOf } from "../../../dashboard/src/batches/runChoices.ts";
import { isElsewhere, standingOf } from "../../../dashboard/src/pages/batch/standingOf.ts";
import { batchFile, buyer, openMarket, prompts } from "../client/fixture.ts";
import { openWallet } from "../client/testWallet.ts";

const input = batchFile(prompts(3));
const atOnce = { paysByHand: false, checksByMarket: false };

/** Runs of a tab, which ends with the test. */
function openTab(onStopped: (error: unknown) => void = () => {}): BatchRuns {
  const runs = new BatchRuns(onStopped);
  onTestFinished(async () => {
    for (const { batchId } of runs.all()) runs.pause(batchId);
    if (runs.all().length > 0) await awaitRun(runs, (run) => run.state !== "running");
  });
  return runs;
}

/** Waits until a tab's only run is as it should be. */
function awaitRun(runs: BatchRuns, isRight: (run: BatchRun) => boolean): Promise<BatchRun> {
  return new Promise((resolve) => {
    const look = () => {
      const [run] = runs.all();
      if (run && isRight(run)) resolve(run);
    };
    runs.subscribe(look);
    look();
  });
}

const hasSeen = (type: string) => (run: BatchRun) => run.events.some((event) => event.type === type);
const inState = (state: BatchRun["state"]) => (run: BatchRun) => run.state === state;

/** Opens a batch as the page for new ones does. */
async function open(client: Millrace, choices = atOnce) {
  const { batchId } = await client.batches.create({ input, metadata: metadataOf(choices) });
  return client.batches.retrieve({ batchId });
}

test("what cannot be read of a buyer's choices pays nothing by itself", () => {
  expect(choicesOf({})).toEqual({ paysByHand: true, checksByMarket: false });
  expect(choicesOf({ pays: "?", checks: "?" })).toEqual({ paysByHand: true, checksByMarket: false });
  for (const paysByHand of [true, false]) {
    for (const checksByMarket of [true, false]) {
      const choices = { paysByHand, checksByMarket };
      expect(choicesOf(metadataOf(choices))).toEqual(choices);
    }
  }
});

test("a batch is driven to its end as was chosen for it", async () => {
  const market = await openMarket();
  await market.provider(0);
  const runs = openTab();
  const batch = await open(market.client());

  runs.start(market.client(), batch, atOnce);

  const { account } = await awaitRun(runs, inState("finished"));
  expect(account).toBe(buyer.address);
});

test("a second tab is told that the first has the batch, and changes nothing of how it is driven", async () => {
  const market = await openMarket();
  await market.provider(0, { misdeed: "silence" });
  const client = market.client();
  const [first, second] = [openTab(), openTab()];
  const batch = await open(client);
  first.start(client, batch, atOnce);
  await awaitRun(first, hasSeen("input-sent"));

  second.start(market.client(), batch, { paysByHand: true, checksByMarket: true });

  const run = await awaitRun(second, (one) => one.state !== "running");
  expect(run).toMatchObject({ state: "elsewhere" });
  expect(run.error).toBeUndefined();
  const { metadata } = await client.batches.retrieve({ batchId: batch.batchId });
  expect(choicesOf(metadata)).toEqual(atOnce);
});

test("a run that ends by a refusal in the wallet says so, wherever its user is", async () => {
  const market = await openMarket();
  await market.provider(0);
  // Opening the job, and no more: paying is refused.
  const { wallet } = openWallet(market.network, buyer.address, { sends: 1 });
  const client = market.client({ account: wallet });
  const told: unknown[] = [];
  const runs = openTab((error) => told.push(error));
  const batch = await open(client);

  runs.start(client, batch, atOnce);

  const { error } = await awaitRun(runs, inState("stopped"));
  expect(error).toMatchObject({ code: "wallet-rejected" });
  expect(told).toEqual([error]);
});

test.each<[string, Address | undefined]>([
  ["disconnected", undefined],
  ["changed", "0x00000000000000000000000000000000000000AA"],
])("runs stop when the account is %s, and not while it stays", async (_, next) => {
  const market = await openMarket();
  await market.provider(0, { misdeed: "silence" });
  const client = market.client();
  const runs = openTab();
  const batch = await open(client);
  runs.start(client, batch, atOnce);
  await awaitRun(runs, hasSeen("input-sent"));

  runs.keepTo(buyer.address.toLowerCase() as Address);
  expect(runs.all()[0]).toMatchObject({ state: "running" });
  runs.keepTo(next);

  const { error } = await awaitRun(runs, (run) => run.state !== "running");
  expect(error).toMatchObject({ code: "account-changed" });
  // Nobody drives it any more.
  const resumed = openTab();
  resumed.start(client, batch, atOnce);
  await awaitRun(resumed, hasSeen("started"));
});

test("what checks of others and bonds lock is bounded by what the batch locks", async () => {
  const market = await openMarket();
  await market.provider(0);
  const client = market.client();
  const asked: RunBatchOptions[] = [];
  const costs: unknown[] = [];
  const watched: Millrace = {
    ...client,
    marketVerifier: (options) => {
      costs.push(options);
      return client.marketVerifier(options);
    },
    batches: {
      ...client.batches,
      run: (options) => {
        asked.push(options);
        return client.batches.run(options);
      },
    },
  };
  const batch = await open(client);
  const runs = openTab();

  runs.start(watched, batch, { paysByHand: false, checksByMarket: true });

  await awaitRun(runs, inState("finished"));
  const { escrowed } = batch.settlement;
  expect(escrowed).toBeGreaterThan(0n);
  expect(costs).toEqual([{ maxCost: escrowed }]);
  expect(asked).toEqual([
    expect.objectContaining({ pay: "checked", check: expect.objectContaining({ maxBonds: escrowed }) }),
  ]);
});

test("where a batch stands is told by what this tab does, or by another's lock", () => {
  const run = (state: BatchRun["state"]): BatchRun => ({
    ...{ batchId: "b", account: buyer.address, state, choices: atOnce, events: [] },
  });
  const at = (isRunning: boolean | undefined, state?: BatchRun["state"]) =>
    standingOf({ status: "in-progress", isRunning }, state && run(state));

  expect(at(true)).toBe("open in another tab");
  expect(at(true, "elsewhere")).toBe("open in another tab");
  // The other one has ended since.
  expect(at(false, "elsewhere")).toBe("not running here");
  expect(at(true, "running")).toBe("running");
  // Read before this tab paused it.
  expect(at(true, "paused")).toBe("paused");
  expect(at(undefined)).toBe("not running here");
  expect(standingOf({ status: "not-opened", isRunning: false }, undefined)).toBe("not opened");
  expect(isElsewhere({ isRunning: undefined }, undefined)).toBe(false);
});
