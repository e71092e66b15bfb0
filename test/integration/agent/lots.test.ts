import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { encodeInput, type Lot, type Offer } from "@millrace/protocol";
import type { Agent } from "@millrace/provider-agent";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AssignedLot, OpenedJob, OpenOptions } from "./buyer.ts";
import { createWorld, eventually, offerTerms, stories, type World } from "./fixture.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

/** A job of few items, all of them given to the agent by its offer. */
async function openFilled(
  agent: Agent,
  count: number,
  options: Partial<OpenOptions> = {},
): Promise<{ opened: OpenedJob; lot: AssignedLot }> {
  const opened = await world.buyer.open({
    modelId: agent.modelId,
    requests: stories(count),
    fills: [{ offer: agent.status().offer as Offer, lotItems: [count] }],
    ...options,
  });
  const [lot] = await world.buyer.lotsOf(opened.jobId, 1);
  return { opened, lot: lot! };
}

describe("input", () => {
  test("none: the lot is given back before the grace ends, for the release charge alone", async () => {
    const agent = await world.agent();
    const before = await world.money(world.provider.address);
    const { lot } = await openFilled(agent, 3);
    await eventually(() => agent.status().lots.length).toBe(1);
    await world.wait(22);
    await world.buyer.reaches(lot.lotId, "open");
    const after = await world.money(world.provider.address);
    expect(after).toEqual({ free: before.free - lot.lot.releaseCharge, locked: before.locked });
    await eventually(() => agent.status().lots).toEqual([]);
  });

  test("an item that allows more tokens than its job, which nobody would pay for: as none", async () => {
    const agent = await world.agent();
    const { opened, lot } = await openFilled(agent, 2, { itemOutputTokensCap: 41 });
    await world.buyer.upload(opened, lot);
    await eventually(() => agent.status().lots.length).toBe(1);
    await world.wait(22);
    await world.buyer.reaches(lot.lotId, "open");
    await eventually(() => agent.status().lots).toEqual([]);
    expect(agent.status().items).toEqual({ done: 0, failed: 0 });
  });

  test("not what the buyer committed to: as none, until the right one comes", async () => {
    const agent = await world.agent();
    const { opened, lot } = await openFilled(agent, 3);
    const forged = {
      ...opened,
      items: opened.items.map((item) => ({ ...item, request: '{"messages":[]}' })),
    };
    await world.buyer.upload(forged, lot, encodeInput(forged, lot.lot));
    await eventually(() => agent.status().lots.map(({ stage }) => stage)).toEqual(["fetch"]);
    await world.buyer.upload(opened, lot, new TextEncoder().encode("no bundle at all"));
    await world.buyer.upload(opened, lot);
    await world.buyer.reaches(lot.lotId, "submitted");
    const { results } = await world.buyer.results(opened, lot);
    expect(results.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
    await world.buyer.accept([lot]);
  });
});

describe("pay", () => {
  test("a silent buyer: the agent settles by itself after the window, and earns what is due less the fee", async () => {
    const agent = await world.agent();
    const { opened, lot } = await openFilled(agent, 3);
    await world.buyer.upload(opened, lot);
    await world.buyer.reaches(lot.lotId, "submitted");
    const due = await world.buyer.due(lot);
    await eventually(() => agent.status().lots.map(({ stage }) => stage)).toEqual(["collect"]);
    // Every earlier payment was read before this lot was.
    const earnedBefore = agent.status().earned;
    expect(await world.buyer.status(lot.lotId)).toBe("submitted");
    await world.wait(31);
    await world.buyer.reaches(lot.lotId, "none");
    expect(await world.buyer.isSettled(lot.lotId)).toBe(true);
    await eventually(() => agent.status().earned - earnedBefore).toBe(due - due / 100n);
  });

  test("a lot whose files are lost is settled by what its event tells", async () => {
    const folder = join(world.folder, "forgetful");
    const agent = await world.agent({ folder });
    const { opened, lot } = await openFilled(agent, 2);
    await world.buyer.upload(opened, lot);
    await world.buyer.reaches(lot.lotId, "submitted");
    await eventually(() => agent.status().lots.map(({ stage }) => stage)).toEqual(["collect"]);
    await agent.close();
    // All but the keys: without them it could not tell that the lot is its own.
    for (const name of await readdir(folder)) {
      if (name !== "secrets.json") await rm(join(folder, name), { recursive: true });
    }
    const again = await world.agent({ folder });
    await eventually(() => again.status().lots.map(({ stage }) => stage)).toEqual(["collect"]);
    await world.wait(31);
    await world.buyer.reaches(lot.lotId, "none");
    expect(await world.buyer.isSettled(lot.lotId)).toBe(true);
    await eventually(() => again.status().lots).toEqual([]);
  });

  test("lots that become ready while a transaction is under way are submitted together in the next", async () => {
    const agent = await world.agent();
    const offer = agent.status().offer as Offer;
    const opened = await world.buyer.open({
      modelId: agent.modelId,
      requests: stories(6, 4),
      fills: [{ offer, lotItems: Array(6).fill(1) }],
    });
    const lots = await world.buyer.lotsOf(opened.jobId, 6);
    await world.rpc("evm_setIntervalMining", [0]);
    await world.rpc("evm_setAutomine", [false]);
    try {
      for (const lot of lots) await world.buyer.upload(opened, lot);
      await eventually(() => agent.status().lots.map(({ stage }) => stage)).toEqual(Array(6).fill("submit"));
    } finally {
      await world.rpc("evm_setAutomine", [true]);
      await world.rpc("evm_setIntervalMining", [1_000]);
      await world.rpc("evm_mine");
    }
    for (const lot of lots) await world.buyer.reaches(lot.lotId, "submitted");
    expect(await world.buyer.submitTransactions(opened.jobId)).toHaveLength(2);
    for (const lot of lots) await world.buyer.results(opened, lot);
    await world.buyer.accept(lots);
    await eventually(() => agent.status().lots).toEqual([]);
    expect(agent.status().items.done).toBe(6);
  });
});

test("closing while lots move from stage to stage never hangs, and a later start finishes them", async () => {
  const jobs: { opened: OpenedJob; lot: AssignedLot }[] = [];
  for (let round = 0; round < 6; round++) {
    const agent = await world.agent();
    const job = await openFilled(agent, 2);
    jobs.push(job);
    await world.buyer.upload(job.opened, job.lot);
    await agent.close();
  }
  await world.agent();
  for (const { lot } of jobs) await world.buyer.reaches(lot.lotId, "submitted");
  for (const { opened, lot } of jobs) await world.buyer.results(opened, lot);
  await world.buyer.accept(jobs.map(({ lot }) => lot));
});

describe("price", () => {
  test("a bid below the floor is claimed when its ramp has reached it", async () => {
    const agent = await world.agent();
    const opened = await world.buyer.open({
      modelId: agent.modelId,
      requests: stories(2),
      // The floor of 0.40 for output is half of the limit; the ramp starts at a quarter of it.
      outputLimitPerMillion: 800_000n,
      promptLimitPerMillion: 400_000n,
      startBps: 2_500,
      rampSeconds: 90,
    });
    await world.wait(29);
    const [lot] = await world.buyer.lotsOf(opened.jobId, 1);
    expect(lot!.lot.outputPricePerMillion).toBeGreaterThanOrEqual(400_000n);
    expect(lot!.lot.outputPricePerMillion).toBeLessThan(500_000n);
    await world.buyer.upload(opened, lot!);
    await world.buyer.reaches(lot!.lotId, "submitted");
    await world.buyer.accept([lot!]);
  });

  test("a bid whose limit is below the floor is left alone", async () => {
    const agent = await world.agent();
    const request = { modelId: agent.modelId, requests: stories(2) };
    const cheap = await world.buyer.open({ ...request, outputLimitPerMillion: 399_999n });
    const good = await world.buyer.open(request);
    const [lot] = await world.buyer.lotsOf(good.jobId, 1);
    // Both were seen: what came later is taken already.
    expect(await world.buyer.lots(cheap.jobId)).toEqual([]);
    await world.buyer.upload(good, lot!);
    await world.buyer.reaches(lot!.lotId, "submitted");
    await world.buyer.accept([lot!]);
  });
});

describe("top-ups", () => {
  const low = { promptLimitPerMillion: 100_000n, outputLimitPerMillion: 399_999n };
  const high = { promptLimitPerMillion: 100_000n, outputLimitPerMillion: 400_000n };

  test("a bid that was below the floor is claimed once its limit is raised", async () => {
    const { buyer } = world;
    const agent = await world.agent();
    const opened = await buyer.open({ modelId: agent.modelId, requests: stories(2, 4), ...low });
    // Seen and left alone: what came later is taken already.
    const other = await buyer.open({ modelId: agent.modelId, requests: stories(1, 4) });
    const [next] = await buyer.lotsOf(other.jobId, 1);
    expect(await buyer.lots(opened.jobId)).toEqual([]);
    await buyer.topUp(opened.job, high);
    const [lot] = await buyer.lotsOf(opened.jobId, 1);
    expect(lot!.lot.outputPricePerMillion).toBe(400_000n);
    await buyer.upload(other, next!);
    await buyer.upload(opened, lot!);
    for (const { lotId } of [lot!, next!]) await buyer.reaches(lotId, "submitted");
    await buyer.results(opened, lot!);
    await buyer.accept([next!]);
    await buyer.accept([lot!]);
    await eventually(() => agent.status().lots).toEqual([]);
  });

  test("a limit that was raised while the agent was down is the one that it knows", async () => {
    const { buyer } = world;
    const before = await world.agent();
    await before.close();
    const opened = await buyer.open({ modelId: before.modelId, requests: stories(2, 4), ...low });
    const raised = await buyer.topUp(opened.job, { ...high, outputLimitPerMillion: 399_999n + 1n });
    await buyer.topUp(raised, { ...high, outputLimitPerMillion: 500_000n });
    await world.agent();
    const [lot] = await buyer.lotsOf(opened.jobId, 1);
    expect(lot!.lot.outputPricePerMillion).toBe(500_000n);
    await buyer.upload(opened, lot!);
    await buyer.reaches(lot!.lotId, "submitted");
    await buyer.accept([lot!]);
  });

  test("a lot that was given back by a cheap rival is claimed once its limit is raised", async () => {
    const { buyer, rival } = world;
    const cheap = await world.agent({
      account: rival,
      offer: { ...offerTerms, outputPricePerMillion: 300_000n },
    });
    const offer = cheap.status().offer as Offer;
    const opened = await buyer.open({
      modelId: cheap.modelId,
      requests: stories(2, 4),
      fills: [{ offer, lotItems: [2] }],
      ...low,
      rampSeconds: 1,
    });
    const [failed] = await buyer.lotsOf(opened.jobId, 1);
    await cheap.close();
    await world.call(rival, "release", [failed!.lot]);
    const agent = await world.agent();
    // The reopened lot was seen and left alone: what came later is taken already.
    const other = await buyer.open({ modelId: agent.modelId, requests: stories(1, 4) });
    const [next] = await buyer.lotsOf(other.jobId, 1);
    expect(await buyer.lots(opened.jobId)).toHaveLength(1);
    await buyer.topUp(opened.job, high, [failed!]);
    const lots = await buyer.lotsOf(opened.jobId, 2);
    const lot = lots.find(({ lotId }) => lotId !== failed!.lotId)!;
    expect(lot.lot).toMatchObject({
      provider: world.provider.address,
      attempt: 1,
      outputPricePerMillion: 400_000n,
    });
    await buyer.upload(other, next!);
    await buyer.upload(opened, lot);
    for (const { lotId } of [lot, next!]) await buyer.reaches(lotId, "submitted");
    await buyer.accept([next!]);
    await buyer.accept([lot]);
    await eventually(() => agent.status().lots).toEqual([]);
  });
});

describe("rivals", () => {
  test("a lot of another provider that is late is expired, claimed and finished", async () => {
    const { buyer, rival } = world;
    const late = await world.agent({ account: rival });
    const { opened, lot } = await openFilled(late, 3, { turnaroundSeconds: 60 });
    await late.close();
    const agent = await world.agent();
    await world.wait(120);
    const lots = await buyer.lotsOf(opened.jobId, 2);
    const again = lots.find(({ lotId }) => lotId !== lot.lotId)!;
    expect(again.lot).toMatchObject({
      provider: world.provider.address,
      attempt: 1,
      firstItem: 0,
      itemCount: 3,
    } satisfies Partial<Lot>);
    await buyer.upload(opened, again);
    await buyer.reaches(again.lotId, "submitted");
    await buyer.results(opened, again);
    await buyer.accept([again]);
    await eventually(() => agent.status().lots).toEqual([]);
  });

  test("items that were given back three times, so that giving them back again costs us alone, are left alone", async () => {
    const { buyer, rival } = world;
    const former = await world.agent({ account: rival });
    const { opened, lot } = await openFilled(former, 2);
    await former.close();
    let given = lot;
    for (const attempt of [1, 2]) {
      await world.call(rival, "release", [given.lot]);
      await world.call(rival, "claimReopened", [rival.address, opened.job, given.lot, given.encryptionKey]);
      given = (await buyer.lotsOf(opened.jobId, attempt + 1)).find((each) => each.lot.attempt === attempt)!;
    }
    await world.call(rival, "release", [given.lot]);
    await world.agent();
    const other = await buyer.open({ modelId: former.modelId, requests: stories(1, 4) });
    const [next] = await buyer.lotsOf(other.jobId, 1);
    expect(await buyer.lots(opened.jobId)).toHaveLength(3);
    await buyer.close(opened, [given]);
    await buyer.upload(other, next!);
    await buyer.reaches(next!.lotId, "submitted");
    await buyer.accept([next!]);
  });

  test("two agents share one database, each doing its own", async () => {
    const { buyer, rival } = world;
    const agents = await Promise.all([world.agent(), world.agent({ account: rival })]);
    const opened = await buyer.open({
      modelId: agents[0]!.modelId,
      requests: stories(8),
      fills: agents.map((agent) => ({ offer: agent.status().offer as Offer, lotItems: [4] })),
    });
    const lots = await buyer.lotsOf(opened.jobId, 2);
    for (const lot of lots) await buyer.upload(opened, lot);
    for (const lot of lots) await buyer.reaches(lot.lotId, "submitted");
    await Promise.all(lots.map((lot) => buyer.results(opened, lot)));
    expect(agents.map((agent) => agent.status().items.done)).toEqual([4, 4]);
    await buyer.accept(lots);
  });

  test("a second agent of the same account is refused: agent-running", async () => {
    await world.agent();
    await expect(world.agent()).rejects.toMatchObject({ code: "agent-running" });
  });
});
