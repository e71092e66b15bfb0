import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Offer } from "@millrace/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cableTo } from "./cable.ts";
import { createWorld, eventually, offerTerms, stories, type World } from "./fixture.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

async function openFilled(offer: Offer, count: number) {
  const opened = await world.buyer.open({
    modelId: offer.modelId,
    requests: stories(count),
    fills: [{ offer, lotItems: [count] }],
  });
  const [lot] = await world.buyer.lotsOf(opened.jobId, 1);
  return { opened, lot: lot! };
}

test("the chain is away for a while: the agent says so, and goes on when it is back", async () => {
  const cable = await cableTo(world.network.rpcUrl);
  const agent = await world.agent({ network: { ...world.network, rpcUrl: cable.url } });
  const health = async () => (await fetch(`${agent.url}/healthz`)).status;
  expect(await health()).toBe(200);
  const offer = agent.status().offer as Offer;
  cable.cut();
  const { opened, lot } = await openFilled(offer, 3);
  await world.buyer.upload(opened, lot);
  await eventually(health).toBe(503);
  const metrics = await (await fetch(`${agent.url}/metrics`)).text();
  expect(Number(/^millrace_rpc_errors_total (\d+)$/m.exec(metrics)![1])).toBeGreaterThan(0);
  cable.mend();
  await eventually(health).toBe(200);
  await world.buyer.reaches(lot.lotId, "submitted");
  await world.buyer.results(opened, lot);
  await world.buyer.accept([lot]);
});

test("one of two relays is away: the other is enough, for input and for results", async () => {
  const cable = await cableTo(world.network.relays[0]!);
  cable.cut();
  const relays = [cable.url, ...world.network.relays];
  const agent = await world.agent({ network: { ...world.network, relays } });
  const { opened, lot } = await openFilled(agent.status().offer as Offer, 2);
  await world.buyer.upload(opened, lot);
  await world.buyer.reaches(lot.lotId, "submitted");
  await world.buyer.results(opened, lot);
  await world.buyer.accept([lot]);
});

test("every relay is away when the results are ready: they are delivered once one is back, then submitted", async () => {
  const cable = await cableTo(world.network.relays[0]!);
  const agent = await world.agent({ network: { ...world.network, relays: [cable.url] } });
  // Enough to be still at it when the cable is cut, on a fast machine too.
  const { opened, lot } = await openFilled(agent.status().offer as Offer, 200);
  await world.buyer.upload(opened, lot);
  await eventually(() => agent.status().lots.some(({ itemsDone }) => itemsDone > 0)).toBe(true);
  cable.cut();
  await eventually(() => agent.status().lots.map(({ stage }) => stage)).toEqual(["deliver"]);
  expect(await world.buyer.status(lot.lotId)).toBe("assigned");
  cable.mend();
  await world.buyer.reaches(lot.lotId, "submitted");
  await world.buyer.results(opened, lot);
  await world.buyer.accept([lot]);
});

test("every relay is away when the submission is mined, and the buyer pays all the same: the key comes afterwards", async () => {
  const cable = await cableTo(world.network.relays[0]!);
  const agent = await world.agent({ network: { ...world.network, relays: [cable.url] } });
  const { opened, lot } = await openFilled(agent.status().offer as Offer, 2);
  await world.rpc("evm_setIntervalMining", [0]);
  await world.rpc("evm_setAutomine", [false]);
  try {
    await world.buyer.upload(opened, lot);
    await eventually(() => agent.status().lots.map(({ stage }) => stage)).toEqual(["submit"]);
    cable.cut();
  } finally {
    await world.rpc("evm_setAutomine", [true]);
    await world.rpc("evm_setIntervalMining", [1_000]);
    await world.rpc("evm_mine");
  }
  await world.buyer.reaches(lot.lotId, "submitted");
  await world.buyer.accept([lot]);
  await world.buyer.reaches(lot.lotId, "none");
  expect(agent.status().lots.map(({ stage }) => stage)).toEqual(["submit"]);
  cable.mend();
  await world.buyer.results(opened, lot);
  await eventually(() => agent.status().lots).toEqual([]);
});

test("the agent's own database dies: it stops with store-lost, and a new start goes on", async () => {
  const folder = join(world.folder, "own-store");
  const agent = await world.agent({ folder, store: undefined });
  const { opened, lot } = await openFilled(agent.status().offer as Offer, 3);
  await eventually(() => agent.status().lots.length).toBe(1);
  const pidFile = await readFile(join(folder, "store", "data", "postmaster.pid"), "utf8");
  process.kill(Number(pidFile.split("\n")[0]), "SIGKILL");
  await eventually(() => agent.stopped.aborted).toBe(true);
  expect(agent.stopped.reason).toMatchObject({ code: "store-lost" });
  await agent.close();

  await world.agent({ folder, store: undefined });
  await world.buyer.upload(opened, lot);
  await world.buyer.reaches(lot.lotId, "submitted");
  await world.buyer.results(opened, lot);
  await world.buyer.accept([lot]);
});

test("the status port is taken: port-in-use, and nothing stays behind", async () => {
  const first = await world.agent();
  const port = Number(new URL(first.url).port);
  const { rival } = world;
  await expect(world.agent({ account: rival, http: { port } })).rejects.toMatchObject({
    code: "port-in-use",
  });
  const second = await world.agent({ account: rival, offer: offerTerms });
  expect((await fetch(`${second.url}/status`)).status).toBe(200);
});
