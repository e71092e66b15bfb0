import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { developmentAccount, type Offer } from "@millrace/protocol";
import { toHex } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AssignedLot, OpenedJob } from "./buyer.ts";
import { createWorld, eventually, stories, type World } from "./fixture.ts";
import { type AgentProcess, runAgent } from "./process.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const key = toHex(developmentAccount(1).getHdKey().privateKey!);

const folder = () => join(world.folder, "agent");

function run(): Promise<AgentProcess> {
  return runAgent(world, { folder: folder(), key });
}

async function openFor(
  agent: AgentProcess,
  items: object[],
): Promise<{ opened: OpenedJob; lot: AssignedLot }> {
  const raw = (await agent.status()).offer;
  const amounts = ["promptPricePerMillion", "outputPricePerMillion", "minLotValue", "salt"] as const;
  const offer = { ...raw, ...Object.fromEntries(amounts.map((name) => [name, BigInt(raw[name]!)])) };
  const opened = await world.buyer.open({
    modelId: agent.modelId,
    requests: items,
    outputTokensCap: 100,
    // The cast: what /status shows is an offer with its amounts as texts, turned back above.
    fills: [{ offer: offer as unknown as Offer, lotItems: [items.length] }],
  });
  const [lot] = await world.buyer.lotsOf(opened.jobId, 1);
  await world.buyer.upload(opened, lot!);
  return { opened, lot: lot! };
}

async function itemsLog(lot: AssignedLot): Promise<string> {
  for (const name of await readdir(folder())) {
    const path = join(folder(), name, "lots", lot.lotId, "items.jsonl");
    const text = await readFile(path, "utf8").catch(() => undefined);
    if (text !== undefined) return text;
  }
  return "";
}

const completeLines = (text: string) => text.slice(0, text.lastIndexOf("\n") + 1);
const indexesOf = (text: string) =>
  completeLines(text)
    .split("\n")
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { index: number }).index);

test("kill -9 in the middle of a lot: the next start computes only what was not on disk", async () => {
  const agent = await run();
  const { opened, lot } = await openFor(agent, stories(60, 80));
  await eventually(async () => indexesOf(await itemsLog(lot)).length).toBeGreaterThan(8);
  await agent.kill();
  const before = completeLines(await itemsLog(lot));
  const done = indexesOf(before).length;
  expect(done).toBeLessThan(60);

  const again = await run();
  await world.buyer.reaches(lot.lotId, "submitted");
  const { results } = await world.buyer.results(opened, lot);
  expect(results).toHaveLength(60);
  const after = await itemsLog(lot);
  // What was there stays to the byte, and every item is there once.
  expect(after.startsWith(before)).toBe(true);
  expect(indexesOf(after).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, i) => i));
  expect((await again.status()).items.done).toBe(60 - done);
  await world.buyer.accept([lot]);
  await eventually(async () => (await again.status()).lots).toEqual([]);
});

test("kill -9 again and again: the lot is paid, once, and nothing is sent twice", async () => {
  const { buyer } = world;
  let agent = await run();
  const { opened, lot } = await openFor(agent, stories(30, 20));
  // Who knows of this lot has read every earlier payment, also one that the last kill made forgotten.
  await eventually(async () => (await agent.status()).lots.map(({ lotId }) => lotId)).toContain(lot.lotId);
  const earnedBefore = BigInt((await agent.status()).earned);
  const stages = ["fetch", "infer", "commit", "deliver", "submit", "collect"];
  // Once before it can have done anything, once while it computes, once when the results are on their way or there.
  for (const stage of ["fetch", "infer", "commit"]) {
    const isReached = async () => {
      const [underWay] = (await agent.status()).lots;
      return stages.indexOf(underWay?.stage ?? "fetch") >= stages.indexOf(stage);
    };
    await eventually(isReached).toBe(true);
    await agent.kill();
    agent = await run();
  }
  await buyer.reaches(lot.lotId, "submitted");
  const { results } = await buyer.results(opened, lot);
  expect(results).toHaveLength(30);
  const submissions = await buyer.submissions(lot.lotId);
  expect(submissions).toHaveLength(1);
  const due = await buyer.due(lot);
  await buyer.accept([lot]);
  await eventually(async () => BigInt((await agent.status()).earned) - earnedBefore).toBe(due - due / 100n);
  await eventually(async () => (await agent.status()).lots).toEqual([]);
});

test("SIGTERM in the middle of a lot: it ends soon and cleanly, and the next start goes on", async () => {
  const agent = await run();
  const { opened, lot } = await openFor(agent, stories(40, 80));
  await eventually(async () => indexesOf(await itemsLog(lot)).length).toBeGreaterThan(4);
  expect(await agent.stop()).toBe(0);
  const done = indexesOf(await itemsLog(lot)).length;
  expect(done).toBeLessThan(40);

  const again = await run();
  await world.buyer.reaches(lot.lotId, "submitted");
  await world.buyer.results(opened, lot);
  expect((await again.status()).items.done).toBe(40 - done);
  await world.buyer.accept([lot]);
});

test("a lot whose deadline passed while the agent was down is given up, and its other work goes on", async () => {
  const agent = await run();
  const { lot } = await openFor(agent, stories(40, 80));
  await eventually(async () => indexesOf(await itemsLog(lot)).length).toBeGreaterThan(0);
  await agent.kill();
  await world.wait(700);
  const again = await run();
  await world.buyer.reaches(lot.lotId, "open");
  await eventually(async () => (await again.status()).lots).toEqual([]);
  const next = await openFor(again, stories(3, 8));
  await world.buyer.reaches(next.lot.lotId, "submitted");
  await world.buyer.results(next.opened, next.lot);
  await world.buyer.accept([next.lot]);
});
