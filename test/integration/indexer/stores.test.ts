import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createIndexer, type Indexer } from "@millrace/indexer";
import { openStore, type Store } from "@millrace/provider-agent";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AnvilChain } from "../../helpers/marketDriver/anvil.ts";
import { startMarket } from "../../helpers/marketDriver/market.ts";
import { MarketDriver } from "../../helpers/marketDriver/marketDriver.ts";
import { scenes } from "../../helpers/marketDriver/scenes/index.ts";
import { ask, clientAtHead } from "./indexed.ts";

let chain: AnvilChain;
let market: MarketDriver;
let folder: string;
let store: Store;
let indexer: Indexer;

beforeAll(async () => {
  chain = await startMarket();
  market = new MarketDriver(chain.network, 11);
  for (const scene of Object.values(scenes)) await scene(market);
  folder = await mkdtemp(join(tmpdir(), "millrace-stores-"));
  store = await openStore({ folder: join(folder, "postgres"), fsync: false });
  indexer = await createIndexer({ network: chain.network, databaseUrl: store.connectionString });
}, 240_000);

afterAll(async () => {
  await indexer?.close();
  await store?.close();
  await chain?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** Every reply there is about this market, by path. The client checks the shape of each. */
async function everyReply(indexer: { url: string }): Promise<Map<string, unknown>> {
  const client = await clientAtHead(indexer, market);
  const [models, providers, jobs, cases, proposals] = await Promise.all([
    client.models({ limit: 1_000 }),
    client.providers({ limit: 1_000 }),
    client.jobs({ limit: 1_000 }),
    client.cases({ limit: 1_000 }),
    client.proposals(),
  ]);
  const replies = new Map<string, unknown>([
    ["models", models],
    ["providers", providers],
    ["jobs", jobs],
    ["cases", cases],
    ["proposals", proposals],
    ["totals", await client.totals()],
    ["offers", await client.offers({ limit: 1_000 })],
    ["parameters", await client.parameters()],
    ["stake", await client.stake()],
  ]);
  for (const { modelId } of models.items) {
    replies.set(modelId, await client.model({ modelId }));
    replies.set(`book ${modelId}`, await client.book({ modelId }));
    replies.set(`prices ${modelId}`, await client.prices({ modelId, bucketSeconds: 60 }));
    const batch = { items: 20, promptTokens: 10, outputTokens: 30 };
    replies.set(`quote ${modelId}`, await client.quote({ modelId, ...batch }));
  }
  for (const { provider } of providers.items) {
    replies.set(provider, await client.provider({ address: provider }));
    replies.set(`account ${provider}`, await client.account({ address: provider }));
  }
  for (const { jobId, buyer } of jobs.items) {
    replies.set(jobId, await client.job({ jobId }));
    replies.set(`account ${buyer}`, await client.account({ address: buyer }));
  }
  for (const { caseId } of cases.items) replies.set(caseId, await client.case({ caseId }));
  for (const { proposalId } of proposals.items)
    replies.set(proposalId, await client.proposal({ proposalId }));
  return replies;
}

describe("stores", () => {
  test("hold figures that agree with each other", async () => {
    const replies = await everyReply(indexer);
    const client = await clientAtHead(indexer, market);
    const [totals, { items: providers }, { items: jobs }, { items: cases }] = await Promise.all([
      client.totals(),
      client.providers({ limit: 1_000 }),
      client.jobs({ limit: 1_000 }),
      client.cases({ limit: 1_000 }),
    ]);
    const sum = <T>(rows: readonly T[], read: (row: T) => string | number) =>
      rows.reduce((total, row) => total + BigInt(read(row)), 0n);

    expect(sum(providers, ({ earned }) => earned)).toBe(BigInt(totals.paid));
    expect(sum(jobs, ({ paid }) => paid)).toBe(BigInt(totals.paid));
    expect(sum(jobs, ({ fees }) => fees)).toBe(BigInt(totals.fees));
    expect(sum(providers, ({ items }) => items)).toBe(BigInt(totals.items));
    expect(sum(jobs, ({ progress }) => progress.settled)).toBe(BigInt(totals.items));
    const details = await Promise.all(jobs.map(({ jobId }) => client.job({ jobId })));
    expect(sum(details, ({ lots }) => lots.length)).toBe(BigInt(totals.lots));
    for (const { itemCount, progress } of jobs) {
      expect(sum(Object.values(progress), (items) => items)).toBe(BigInt(itemCount));
      expect(Math.min(...Object.values(progress))).toBeGreaterThanOrEqual(0);
    }
    expect(cases).toHaveLength(totals.cases);
    // The scenes bring every case to its end, in each of the ways.
    expect(totals.openCases).toBe(0);
    const ends = new Set(cases.map(({ kind, verdict }) => `${kind} ${verdict}`));
    for (const end of [
      "audit fault",
      "audit rejected",
      "item fault",
      "delivery fault",
      "proven-fault fault",
    ]) {
      expect(ends).toContain(end);
    }
    expect(replies.size).toBeGreaterThan(100);

    const { json } = await ask(indexer, "/graphql", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: "{ jobs(limit: 1) { totalCount items { jobId buyer } } }" }),
    });
    expect(json()).toMatchObject({ data: { jobs: { totalCount: jobs.length } } });
  });

  test("a case tells who voted what, and its events in order", async () => {
    const client = await clientAtHead(indexer, market);
    const { items } = await client.cases({ limit: 1_000 });
    const judged = items.find(
      ({ kind, verdict, round }) => kind === "audit" && verdict === "fault" && round === 0,
    )!;
    const { juries, events, ending } = await client.case(judged);

    expect(events[0]?.name).toBe("CaseOpened");
    expect(events.map(({ name }) => name)).toContain("LotSlashed");
    expect(events.at(-1)?.name).toBe("CaseConcluded");
    const seats = juries.at(-1)!.seats;
    expect(seats).toHaveLength(5);
    const votes = seats.flatMap(({ vote }) => (vote === undefined ? [] : [vote])).sort((a, b) => a - b);
    expect(votes.length).toBeGreaterThanOrEqual(3);
    expect(votes).toContain(juries.at(-1)!.median);
    // What was paid in is paid out, to the unit.
    const sum = (...amounts: string[]) => amounts.reduce((total, amount) => total + BigInt(amount), 0n);
    const { fees, penalties, cost, toChallenger, toProvider, toVault } = ending!;
    expect(BigInt(fees)).toBeGreaterThan(0n);
    expect(sum(judged.bond, penalties, cost)).toBe(sum(fees, toChallenger, toProvider, toVault));
  });

  test("are of two kinds, with the same replies, and go on where they were left", async () => {
    const { network } = chain;
    const embedded = join(folder, "embedded");
    const replies = await everyReply(indexer);
    {
      await using other = await createIndexer({ network, folder: embedded });
      expect(await everyReply(other)).toEqual(replies);
      expect(other.schema).toBe(indexer.schema);
    }

    // What happens while nobody reads is there afterwards.
    const newcomer = await market.trader(123n);
    await using again = await createIndexer({ network, folder: embedded });
    const client = await clientAtHead(again, market);
    expect(await client.account({ address: newcomer.address })).toMatchObject({ deposited: "123" });
    expect(await client.totals()).toEqual(replies.get("totals"));
  }, 400_000);
});
