import type { IndexerClient } from "@millrace/client";
import { createIndexer, type Indexer } from "@millrace/indexer";
import { marketAbi, type Submission } from "@millrace/protocol";
import type { Address, Hex } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AnvilChain } from "../../helpers/marketDriver/anvil.ts";
import { startMarket } from "../../helpers/marketDriver/market.ts";
import { eventOf, MarketDriver } from "../../helpers/marketDriver/marketDriver.ts";
import {
  accept,
  type ComputedLot,
  claim,
  compute,
  fillOf,
  type OpenedJob,
  openJob,
  postOffer,
  publishModel,
  settle,
  submit,
} from "../../helpers/marketDriver/trading.ts";
import { ask, clientAtHead } from "./indexed.ts";

// What one small market comes to, computed by hand. Items have caps of 40 and 60 tokens; the fee is 1 %, the bounty
// 10 %, the release charge 0.5 %, and the limits are 30 and 40 base units a token.

const M = 1_000_000n;
const WINDOW_SECONDS = 600;
const DAY_SECONDS = 86_400;
const GRACE_SECONDS = 60;

let chain: AnvilChain;
let market: MarketDriver;
let indexer: Indexer;
let client: IndexerClient;
let modelId: Hex;
let opened: OpenedJob;
/** Cheap, dear, and one who claims. */
let alice: Address;
let bob: Address;
let carol: Address;
let reopened: ComputedLot["lot"];

beforeAll(async () => {
  chain = await startMarket();
  market = new MarketDriver(chain.network, 7);
  const model = await publishModel(market);
  modelId = model.modelId;
  const [buyer, cheap, dear, claimer, gone] = [
    await market.trader(),
    await market.trader(),
    await market.trader(),
    await market.trader(),
    await market.trader(),
  ];
  [alice, bob, carol] = [cheap.address, dear.address, claimer.address];
  const prices = (prompt: bigint, output: bigint) => ({
    modelId,
    promptPricePerMillion: prompt * M,
    outputPricePerMillion: output * M,
  });
  const first = await postOffer(market, cheap, { ...prices(10n, 20n), capacityItems: 10 });
  await postOffer(market, cheap, { ...prices(12n, 24n), capacityItems: 5 });
  const second = await postOffer(market, dear, { ...prices(14n, 20n), capacityItems: 7 });
  const withdrawn = await postOffer(market, dear, { ...prices(1n, 1n), capacityItems: 7 });
  await market.send(dear.address, "market", "cancelOffer", [withdrawn]);
  await postOffer(market, gone, prices(2n, 2n));
  await market.send(gone.address, "market", "cancelAllOffers", [gone.address]);
  const brief = await postOffer(market, gone, {
    ...prices(3n, 3n),
    epoch: 1,
    validUntil: (await market.now()) + WINDOW_SECONDS,
  });
  await postOffer(market, gone, { ...prices(4n, 4n), epoch: 1, capacityItems: 1, maxPromptTokens: 40 });

  opened = await openJob(market, {
    spec: model.spec,
    buyer,
    itemCount: 12,
    fills: [fillOf(first, [3]), fillOf(second, [4])],
    request: { startBps: 5_000, rampSeconds: 100_000 },
  });
  // Released in its grace: the charge is 0.5 % of an escrow of 7,200.
  reopened = await claim(market, opened, { provider: claimer, items: 2 });
  await market.lapse(GRACE_SECONDS - 10);
  await market.send(carol, "market", "release", [reopened]);

  const paid = withTotals(0, { promptTokens: 30n, outputTokens: 60n, errors: 0 });
  const settled = withTotals(1, { promptTokens: 40n, outputTokens: 100n, errors: 1 });
  await submit(market, [paid]);
  await accept(market, [paid]);
  await submit(market, [settled]);
  await market.lapse(WINDOW_SECONDS + 1);
  await settle(market, [settled]);
  expect(brief.validUntil).toBeLessThan(await market.now());

  indexer = await createIndexer({ network: chain.network });
  client = await clientAtHead(indexer, market);
}, 240_000);

afterAll(async () => {
  await indexer?.close();
  await chain?.close();
});

/** The job's lot of that number, as if these were its results: nobody looks into them here. */
function withTotals(number: number, totals: Submission["totals"]): ComputedLot {
  const computed = compute(market, opened, opened.lots[number]!);
  return { ...computed, submission: { ...computed.submission, totals } };
}

describe("lots", () => {
  test("are paid by their tokens at their price, less the fee", async () => {
    const { lots } = await client.job({ jobId: opened.jobId });

    // 30 × 10 + 60 × 20 of an escrow of 3 × 3,600.
    expect(lots[0]).toMatchObject({
      status: "settled",
      provider: alice,
      escrow: "10800",
      commitment: { due: "1500", promptTokens: "30", outputTokens: "60", errors: 0 },
      settled: { paid: "1485", fee: "15", refund: "9300", forfeit: "0" },
    });
    // 40 × 14 + 100 × 20. The penalty is (14,400 − 7,040) ÷ 0.9, a quarter of it is forfeited.
    expect(lots[1]).toMatchObject({
      status: "settled",
      provider: bob,
      penalty: "8178",
      commitment: { due: "2560", errors: 1 },
      settled: { paid: "2535", fee: "25", refund: "11840", forfeit: "2045" },
    });
    expect(lots[2]).toMatchObject({ status: "open", reopened: "released", provider: carol, itemCount: 2 });
    expect(lots[2]?.settled).toBeUndefined();
    expect(lots[2]?.offerId).toBeUndefined();
  });
});

describe("jobs", () => {
  test("count their items by what is with them", async () => {
    const { items } = await client.jobs();
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({
      jobId: opened.jobId,
      status: "open",
      itemCount: 12,
      progress: { open: 5, assigned: 0, submitted: 0, settled: 7, closed: 0 },
      escrow: "43200",
      paid: "4020",
      fees: "40",
      refunded: "21140",
    });
  });

  test("are found by buyer, model and status", async () => {
    const { buyer } = opened;
    const found = async (filter: Parameters<IndexerClient["jobs"]>[0]) =>
      (await client.jobs(filter)).items.length;
    expect(await found({ buyer: buyer.address, modelId, status: "open" })).toBe(1);
    expect(await found({ buyer: alice })).toBe(0);
    expect(await found({ status: "done" })).toBe(0);
    expect(await found({ modelId: market.word() })).toBe(0);
  });

  test("tell all that happened to them, in order", async () => {
    const { events } = await client.job({ jobId: opened.jobId });
    expect(events.map(({ name }) => name)).toEqual([
      "JobOpened",
      "LotAssigned",
      "LotAssigned",
      "LotAssigned",
      "LotReleased",
      "LotSubmitted",
      "LotSettled",
      "LotSubmitted",
      "LotSettled",
    ]);
    expect(events[4]?.args).toMatchObject({ buyerCharge: "36", providerCharge: "36" });
  });
});

describe("the order book", () => {
  test("has live offers alone, cheapest first, with what is left of them", async () => {
    const { asks } = await client.book({ modelId });
    expect(
      asks.map(({ provider, promptPricePerMillion, itemsLeft }) => [
        provider,
        promptPricePerMillion,
        itemsLeft,
      ]),
    ).toEqual([
      [expect.anything(), "4000000", 1],
      [alice, "10000000", 7],
      [bob, "14000000", 3],
      [alice, "12000000", 5],
    ]);
  });

  test("adds up what is on offer at each price", async () => {
    const { depth } = await client.book({ modelId, limit: 2 });
    expect(depth).toEqual([
      { promptPricePerMillion: "4000000", outputPricePerMillion: "4000000", items: 1, providers: 1 },
      { promptPricePerMillion: "10000000", outputPricePerMillion: "20000000", items: 7, providers: 1 },
    ]);
  });

  test("has bids at the price that the Market would pay", async () => {
    const { bids, status } = await client.book({ modelId });
    const read = { address: chain.network.market, abi: marketAbi } as const;
    // The chain is ahead of the clock, so that its time counts.
    expect(status.time).toBeGreaterThan(Date.now() / 1000);
    const bid = await market.reader.readContract({ ...read, functionName: "bidPrice", args: [opened.job] });
    const args = [opened.job, reopened] as const;
    const again = await market.reader.readContract({ ...read, functionName: "reopenedPrice", args });

    const prices = ([prompt, output]: readonly [bigint, bigint]) => ({
      promptPricePerMillion: String(prompt),
      outputPricePerMillion: String(output),
    });
    expect(bids).toHaveLength(2);
    expect(bids).toContainEqual(expect.objectContaining({ items: 3, now: prices(bid) }));
    expect(bids).toContainEqual(expect.objectContaining({ items: 2, now: prices(again) }));
    expect(bids[0]?.start).toEqual({ promptPricePerMillion: "15000000", outputPricePerMillion: "20000000" });
    expect(bids[0]?.endsAt).toBe(opened.job.openedAt + DAY_SECONDS);
  });

  test("quotes what the cheapest fitting offers would take", async () => {
    // Of prompt tokens alone, so that the dearer offer of the two comes last; the cheapest takes no item so large.
    const quote = await client.quote({ modelId, items: 14, promptTokens: 1_000, outputTokens: 0 });
    expect(quote.fills.map(({ items, cost }) => [items, cost])).toEqual([
      [7, "70000"],
      [5, "60000"],
      [2, "28000"],
    ]);
    expect(quote).toMatchObject({ cost: "158000", unfilledItems: 0 });

    const tooLong = await client.quote({ modelId, items: 3, promptTokens: 2_000, outputTokens: 0 });
    expect(tooLong).toMatchObject({ fills: [], cost: "0", unfilledItems: 3 });
  });

  test("comes in pages, in the order of posting", async () => {
    const all = (await client.offers()).items.map(({ offerId }) => offerId);
    expect(all).toHaveLength(4);
    const first = await client.offers({ limit: 3 });
    const rest = await client.offers({ limit: 3, after: first.next! });
    expect([...first.items, ...rest.items].map(({ offerId }) => offerId)).toEqual(all);
    expect(rest.next).toBeUndefined();
  });
});

test("prices are what was paid, weighted by tokens", async () => {
  const [point, ...others] = await client.prices({ modelId, bucketSeconds: 10 ** 10 });
  expect(others).toEqual([]);
  expect(point).toEqual({
    from: 0,
    lots: 2,
    promptTokens: "70",
    outputTokens: "160",
    // (30 × 10 + 40 × 14) ÷ 70, rounded down.
    average: { promptPricePerMillion: "12285714", outputPricePerMillion: "20000000" },
    low: { promptPricePerMillion: "10000000", outputPricePerMillion: "20000000" },
    high: { promptPricePerMillion: "14000000", outputPricePerMillion: "20000000" },
    paid: "4020",
  });
});

test("prices come oldest first to all who ask at once", async () => {
  // Each is another request, and all are the same query.
  const forms = Array.from({ length: 15 }, (_, zeros) => "0".repeat(zeros + 1));
  const path = `/v1/models/${modelId}/prices?bucketSeconds=1&from=`;
  const replies = await Promise.all(forms.map((from) => ask(indexer, path + from)));
  for (const { json } of replies) {
    const times = (json() as { from: number }[]).map(({ from }) => from);
    expect(times.length).toBeGreaterThan(1);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  }
});

describe("providers", () => {
  test("come in pages", async () => {
    const all = (await client.providers()).items;
    expect(all.length).toBeGreaterThan(2);
    const paged: typeof all = [];
    for (let after: string | undefined, pages = 0; pages === 0 || after !== undefined; pages++) {
      const { items, next } = await client.providers({ limit: 1, ...(after && { after }) });
      expect(items).toHaveLength(1);
      paged.push(...items);
      after = next;
    }
    expect(paged).toEqual(all);
  });

  test("are listed by what they earned", async () => {
    const { items } = await client.providers();
    expect(items.slice(0, 2).map(({ provider, earned }) => [provider, earned])).toEqual([
      [bob, "2535"],
      [alice, "1485"],
    ]);
  });

  test("have a record", async () => {
    const [detail, { lots }] = await Promise.all([
      client.provider({ address: bob }),
      client.job({ jobId: opened.jobId }),
    ]);
    expect(detail).toMatchObject({
      liveOffers: 1,
      running: 0,
      completed: 1,
      late: 0,
      released: 0,
      slashed: 0,
      items: 4,
      promptTokens: "40",
      outputTokens: "100",
      earned: "2535",
      lost: "2045",
      models: [modelId],
      promptPrice: { p10: "14000000", p50: "14000000", p90: "14000000" },
    });
    const took = lots[1]!.commitment!.at.time - lots[1]!.assignedAt.time;
    expect(detail.latency).toEqual({ p10: took, p50: took, p90: took });
    expect(detail.offers.map(({ status }) => status)).toEqual(["cancelled", "live"]);
    expect(detail.lots).toHaveLength(1);
  });

  test("have no latency before they submitted anything", async () => {
    const detail = await client.provider({ address: carol });
    expect(detail).toMatchObject({ completed: 0, released: 1, earned: "0", lost: "0" });
    expect(detail.latency).toBeUndefined();
  });
});

test("a model says what is on offer and what it was used for", async () => {
  const detail = await client.model({ modelId });
  expect(detail).toMatchObject({
    liveOffers: 4,
    providers: 3,
    itemsLeft: 16,
    best: { promptPricePerMillion: "4000000", outputPricePerMillion: "4000000" },
    jobs: 1,
    promptTokens: "70",
    outputTokens: "160",
    paid: "4020",
    seats: 0,
    attestations: [],
  });
});

test("totals are the sums of it all", async () => {
  expect(await client.totals()).toEqual({
    models: 1,
    providers: 3,
    liveOffers: 4,
    jobs: 1,
    lots: 3,
    items: 7,
    promptTokens: "70",
    outputTokens: "160",
    paid: "4020",
    fees: "40",
    slashed: "0",
    openCases: 0,
    cases: 0,
    staked: "0",
    backed: "0",
  });
});

test("an account says what it spent; one that did nothing has zeros", async () => {
  expect(await client.account({ address: opened.buyer.address })).toMatchObject({
    deposited: String(10n ** 12n),
    spent: "4060",
    jobs: 1,
    lots: 0,
  });
  expect(await client.account({ address: market.somebody().address })).toMatchObject({
    deposited: "0",
    backings: [],
    operators: [],
  });
});

test("what happens next is told at once", async () => {
  const head = Number(await market.reader.getBlockNumber());
  const blocks: number[] = [];
  const done = new AbortController();
  const following = client.live(({ block }) => {
    blocks.push(block);
    if (block > head) done.abort();
  }, done.signal);
  const buyer = await market.trader();
  const logs = await market.send(opened.buyer.address, "market", "setBuyerOperator", [buyer.address, 5n, 60]);
  await following;

  expect(eventOf(logs, marketAbi, "BuyerOperatorSet").allowance).toBe(5n);
  const { operators } = await (await clientAtHead(indexer, market)).account({
    address: opened.buyer.address,
  });
  expect(operators).toEqual([{ operator: buyer.address, role: "buyer", amount: "5", periodSeconds: 60 }]);
  expect(blocks.at(-1)).toBeGreaterThan(head);
});
