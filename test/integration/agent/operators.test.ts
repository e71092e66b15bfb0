import { developmentAccount, type Offer, parseAmount } from "@millrace/protocol";
import type { Agent } from "@millrace/provider-agent";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createWorld, eventually, stories, type World } from "./fixture.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

/** A key without money of its own, but for gas. */
const operator = developmentAccount(5);

const allow = (amount: bigint) =>
  world.call(world.provider, "setProviderOperator", [operator.address, amount]);

const startOperator = (): Promise<Agent> => world.agent({ account: operator, owner: world.provider.address });

test("a key that the owner has not let work for them: not-operator", async () => {
  await expect(startOperator()).rejects.toMatchObject({ code: "not-operator" });
});

test("an operator offers, claims, delivers, submits and answers; its owner locks, earns and is paid", async () => {
  const { buyer, provider } = world;
  await allow(parseAmount("1000"));
  const before = await world.money(provider.address);
  const agent = await startOperator();
  expect(agent.status()).toMatchObject({ address: operator.address, owner: provider.address });
  const offer = agent.status().offer as Offer;
  expect(offer.provider).toBe(provider.address);
  const opened = await buyer.open({
    modelId: agent.modelId,
    requests: stories(6, 8),
    fills: [{ offer, lotItems: [4] }],
  });
  // One by the offer, one of the rest.
  const lots = await buyer.lotsOf(opened.jobId, 2);
  expect(lots.map(({ lot }) => lot.provider)).toEqual([provider.address, provider.address]);
  for (const lot of lots) await buyer.upload(opened, lot);
  for (const { lotId } of lots) await buyer.reaches(lotId, "submitted");
  for (const lot of lots) await buyer.results(opened, lot);
  await buyer.demand(opened, lots[0]!, 1);
  await eventually(async () => (await buyer.answers(lots[0]!.lotId)).length).toBe(1);
  const fee = (await buyer.answers(lots[0]!.lotId))[0]!.fee;
  await buyer.reaches(lots[0]!.lotId, "submitted");

  const due = await Promise.all(lots.map((lot) => buyer.due(lot)));
  const earned = fee + due.reduce((sum, each) => sum + each - each / 100n, 0n);
  await buyer.accept(lots);
  await eventually(() => agent.status().earned).toBe(earned);
  expect(await world.money(provider.address)).toEqual({ free: before.free + earned, locked: before.locked });
  expect(await world.money(operator.address)).toEqual({ free: 0n, locked: 0n });
});

test("no more is locked than the owner allows: the rest is claimed when they allow more", async () => {
  const { buyer, provider } = world;
  await allow(1n);
  const agent = await startOperator();
  const request = { modelId: agent.modelId, turnaroundSeconds: 300, requests: stories(4, 4) };
  const first = await buyer.open(request);
  // So that it is known to have been looked at: what is given by the offer comes later.
  await allow(10_000n);
  const [lot] = await buyer.lotsOf(first.jobId, 1);
  expect(lot!.lot.collateral).toBeLessThanOrEqual(10_000n);
  expect((await world.money(provider.address)).locked).toBe(lot!.lot.collateral);
  const second = await buyer.open(request);
  await buyer.upload(first, lot!);
  await buyer.reaches(lot!.lotId, "submitted");
  expect(await buyer.lots(second.jobId)).toEqual([]);
  // The collateral of the first is free again.
  await buyer.accept([lot!]);
  const [next] = await buyer.lotsOf(second.jobId, 1);
  await buyer.upload(second, next!);
  await buyer.reaches(next!.lotId, "submitted");
  await buyer.accept([next!]);
});

test("two agents of one owner: each keeps its own offer and does its own lots", async () => {
  const { buyer, provider } = world;
  await allow(parseAmount("1000"));
  const agents = [await world.agent(), await startOperator()];
  const offers = agents.map((agent) => agent.status().offer as Offer);
  expect(offers.map((offer) => offer.provider)).toEqual([provider.address, provider.address]);
  const opened = await buyer.open({
    modelId: agents[0]!.modelId,
    requests: stories(4, 4),
    fills: offers.map((offer) => ({ offer, lotItems: [2] })),
  });
  const lots = await buyer.lotsOf(opened.jobId, 2);
  for (const lot of lots) await buyer.upload(opened, lot);
  for (const { lotId } of lots) await buyer.reaches(lotId, "submitted");
  for (const lot of lots) await buyer.results(opened, lot);
  expect(agents.map((agent) => agent.status().items.done)).toEqual([2, 2]);
  await buyer.accept(lots);
});
