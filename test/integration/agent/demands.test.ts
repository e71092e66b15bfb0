import { join } from "node:path";
import { developmentAccount, hashReceipt, hashReceiptLeaf, type Offer, verifyPath } from "@millrace/protocol";
import { type Agent, type AgentOptions, openStore } from "@millrace/provider-agent";
import { type Hex, toHex } from "viem";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { AssignedLot, OpenedJob } from "./buyer.ts";
import { createWorld, eventually, stories, type World } from "./fixture.ts";
import { runAgent } from "./process.ts";

const RECEIPT_FEE = 500n;
const ANSWER_SECONDS = 20;

let world: World;
beforeAll(async () => {
  world = await createWorld({
    marketParameters: { receiptFee: RECEIPT_FEE, answerSeconds: ANSWER_SECONDS, windowSeconds: 600 },
  });
});
afterAll(() => world[Symbol.asyncDispose]());

interface Submitted {
  agent: Agent;
  opened: OpenedJob;
  lot: AssignedLot;
}

/** A lot of ours that is computed and submitted, and whose key the buyer has. */
async function submitLot(count: number, options: Partial<AgentOptions> = {}): Promise<Submitted> {
  const agent = await world.agent(options);
  const opened = await world.buyer.open({
    modelId: agent.modelId,
    requests: stories(count, 8),
    fills: [{ offer: agent.status().offer as Offer, lotItems: [count] }],
  });
  const [lot] = await world.buyer.lotsOf(opened.jobId, 1);
  await world.buyer.upload(opened, lot!);
  await world.buyer.reaches(lot!.lotId, "submitted");
  await eventually(() => agent.status().lots.map(({ stage }) => stage)).toEqual(["collect"]);
  return { agent, opened, lot: lot! };
}

/** Waits until these receipts were shown, and holds each against the commitment. */
async function expectShown({ lotId, lot }: AssignedLot, indices: readonly number[]): Promise<void> {
  const { buyer } = world;
  await eventually(async () => (await buyer.answers(lotId)).length).toBe(indices.length);
  const { root } = await buyer.submission(lotId);
  const answers = await buyer.answers(lotId);
  expect(answers.map(({ index }) => Number(index)).toSorted((a, b) => a - b)).toEqual(indices);
  for (const { index, placed } of answers) {
    expect(placed.receipt.itemIndex).toBe(lot.firstItem + Number(index));
    const leaf = hashReceiptLeaf(hashReceipt(placed.receipt), placed.totals);
    expect(verifyPath(root, lot.itemCount, leaf, Number(index), placed.path)).toBe(true);
  }
}

test("a receipt that the buyer demands is shown: its fee is earned, and the window goes on", async () => {
  const { buyer, provider } = world;
  const { agent, opened, lot } = await submitLot(5);
  const before = await world.money(provider.address);
  const earnedBefore = agent.status().earned;
  await buyer.demand(opened, lot, 3);
  await expectShown(lot, [3]);
  await buyer.reaches(lot.lotId, "submitted");
  expect(await world.money(provider.address)).toEqual({ ...before, free: before.free + RECEIPT_FEE });
  await eventually(() => agent.status().answers).toBe(1);
  expect(agent.status().earned - earnedBefore).toBe(RECEIPT_FEE);
  expect(await (await fetch(`${agent.url}/metrics`)).text()).toMatch(/^millrace_answers_total 1$/m);
  await buyer.results(opened, lot);
  await buyer.accept([lot]);
  await eventually(() => agent.status().lots).toEqual([]);
});

test("three demanded at once, then one more: all are shown, and the agent settles after the window by itself", async () => {
  const { buyer } = world;
  const { opened, lot } = await submitLot(7);
  for (const index of [0, 4, 6]) await buyer.demand(opened, lot, index);
  await expectShown(lot, [0, 4, 6]);
  await buyer.demand(opened, lot, 1);
  await expectShown(lot, [0, 1, 4, 6]);
  await buyer.reaches(lot.lotId, "submitted");
  await world.wait(601);
  await buyer.reaches(lot.lotId, "none");
  expect(await buyer.isSettled(lot.lotId)).toBe(true);
});

test("one agent is killed and a receipt demanded: the next start shows it", async () => {
  const { buyer } = world;
  const key: Hex = toHex(developmentAccount(1).getHdKey().privateKey!);
  const folder = join(world.folder, "killed");
  const { agent, opened, lot } = await submitLot(4, { folder });
  await agent.close();
  const first = await runAgent(world, { folder, key });
  await eventually(async () => (await first.status()).lots.map(({ stage }) => stage)).toEqual(["collect"]);
  await first.kill();
  await buyer.demand(opened, lot, 2);
  const second = await runAgent(world, { folder, key });
  await expectShown(lot, [2]);
  await buyer.reaches(lot.lotId, "submitted");
  await buyer.accept([lot]);
  await eventually(async () => (await second.status()).lots).toEqual([]);
});

test("a receipt is demanded while the agent is down, and its database is lost: the chain tells it at its start", async () => {
  const { buyer } = world;
  const { agent, opened, lot } = await submitLot(3);
  await agent.close();
  await buyer.demand(opened, lot, 0);
  const store = await openStore({ folder: join(world.folder, "other-store"), fsync: false });
  onTestFinished(() => store.close());
  await world.agent({ store });
  await expectShown(lot, [0]);
  await buyer.reaches(lot.lotId, "submitted");
  await buyer.accept([lot]);
});

test("a receipt that was not shown in time: the lot is slashed, and the agent lets it go", async () => {
  const { buyer, provider } = world;
  const { agent, opened, lot } = await submitLot(3);
  await agent.close();
  const before = await world.money(provider.address);
  await buyer.demand(opened, lot, 0);
  await world.wait(ANSWER_SECONDS + 1);
  await buyer.failDemand(lot, 0);
  const again = await world.agent();
  await eventually(() => again.status().lots).toEqual([]);
  await eventually(() => again.status().slashed).toBe(1);
  expect(await world.money(provider.address)).toEqual({
    ...before,
    locked: before.locked - lot.lot.collateral,
  });
  // Or a rival would claim it.
  await buyer.close(opened, [lot]);
});

test("a rival's lot that was slashed is claimed and finished", async () => {
  const { buyer, rival, provider } = world;
  const { agent: late, opened, lot } = await submitLot(3, { account: rival });
  await late.close();
  await buyer.demand(opened, lot, 1);
  await world.wait(ANSWER_SECONDS + 1);
  const agent = await world.agent();
  await buyer.failDemand(lot, 1);
  const again = (await buyer.lotsOf(opened.jobId, 2)).find(({ lotId }) => lotId !== lot.lotId)!;
  expect(again.lot).toMatchObject({ provider: provider.address, attempt: 1, firstItem: 0, itemCount: 3 });
  await buyer.upload(opened, again);
  await buyer.reaches(again.lotId, "submitted");
  await buyer.results(opened, again);
  await buyer.accept([again]);
  await eventually(() => agent.status().lots).toEqual([]);
});
