import type { Offer } from "@millrace/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createWorld, eventually, stories, type World } from "./fixture.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

test("a claim that a reorg takes back, with its job: the lot is dropped, and the next job is served", async () => {
  const { buyer } = world;
  const agent = await world.agent();
  const snapshot = await world.rpc<string>("evm_snapshot");
  const gone = await buyer.open({ modelId: agent.modelId, requests: stories(4) });
  const [lost] = await buyer.lotsOf(gone.jobId, 1);
  await eventually(() => agent.status().lots.map(({ lotId }) => lotId)).toEqual([lost!.lotId]);
  await world.rpc("evm_revert", [snapshot]);
  await world.rpc("evm_mine");
  expect(await buyer.status(lost!.lotId)).toBe("none");
  await eventually(() => agent.status().lots).toEqual([]);

  const opened = await buyer.open({ modelId: agent.modelId, requests: stories(4) });
  const [lot] = await buyer.lotsOf(opened.jobId, 1);
  await buyer.upload(opened, lot!);
  await buyer.reaches(lot!.lotId, "submitted");
  await buyer.results(opened, lot!);
  await buyer.accept([lot!]);
});

test("a submission that a reorg takes back is submitted again, the same to the byte", async () => {
  const { buyer } = world;
  const agent = await world.agent();
  const opened = await buyer.open({
    modelId: agent.modelId,
    requests: stories(4),
    fills: [{ offer: agent.status().offer as Offer, lotItems: [4] }],
  });
  const [lot] = await buyer.lotsOf(opened.jobId, 1);
  await eventually(() => agent.status().lots.map(({ stage }) => stage)).toEqual(["fetch"]);
  const snapshot = await world.rpc<string>("evm_snapshot");
  await buyer.upload(opened, lot!);
  await buyer.reaches(lot!.lotId, "submitted");
  const first = await buyer.submission(lot!.lotId);
  await eventually(() => agent.status().lots.map(({ stage }) => stage)).toEqual(["collect"]);
  await world.rpc("evm_revert", [snapshot]);
  await world.rpc("evm_mine");
  await buyer.reaches(lot!.lotId, "submitted");
  expect(await buyer.submission(lot!.lotId)).toEqual(first);
  await buyer.results(opened, lot!);
  await buyer.accept([lot!]);
  await eventually(() => agent.status().lots).toEqual([]);
});

test("a payment that a reorg takes back is not earned twice", async () => {
  const { buyer } = world;
  const agent = await world.agent();
  const earnedBefore = agent.status().earned;
  const opened = await buyer.open({
    modelId: agent.modelId,
    requests: stories(2),
    fills: [{ offer: agent.status().offer as Offer, lotItems: [2] }],
  });
  const [lot] = await buyer.lotsOf(opened.jobId, 1);
  await buyer.upload(opened, lot!);
  await buyer.reaches(lot!.lotId, "submitted");
  const due = await buyer.due(lot!);
  const earned = due - due / 100n;
  const snapshot = await world.rpc<string>("evm_snapshot");
  await buyer.accept([lot!]);
  await eventually(() => agent.status().earned - earnedBefore).toBe(earned);
  await world.rpc("evm_revert", [snapshot]);
  await world.rpc("evm_mine");
  await eventually(() => agent.status().earned).toBe(earnedBefore);
  await buyer.accept([lot!]);
  await eventually(() => agent.status().earned - earnedBefore).toBe(earned);
});
