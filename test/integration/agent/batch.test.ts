import { marketAbi, type Offer } from "@millrace/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createWorld, eventually, stories, type World } from "./fixture.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

test("a job with a fill and a bid for the rest is computed, checked and paid", async () => {
  const { buyer, provider } = world;
  const agent = await world.agent();
  const offer = agent.status().offer as Offer;
  const requests = [
    ...stories(18),
    { messages: [{ role: "user", content: "word ".repeat(600) }] },
    { messages: 7 },
  ];
  const opened = await buyer.open({
    modelId: agent.modelId,
    requests,
    promptTokensCap: 400,
    fills: [{ offer, lotItems: [12] }],
  });
  const lots = await buyer.lotsOf(opened.jobId, 2);
  expect(lots.map(({ lot }) => [lot.firstItem, lot.itemCount])).toEqual([
    [0, 12],
    [12, 8],
  ]);
  for (const lot of lots) await buyer.upload(opened, lot);
  for (const { lotId } of lots) await buyer.reaches(lotId, "submitted");
  const results = (await Promise.all(lots.map((lot) => buyer.results(opened, lot)))).flatMap(
    (b) => b.results,
  );
  expect(results).toHaveLength(20);
  for (const result of results.slice(0, 18)) {
    expect(result.error).toBeUndefined();
    expect(result.tokenIds.length).toBeGreaterThan(0);
    expect(result.text.length).toBeGreaterThan(0);
  }
  expect(
    results.slice(18).map(({ stopReason, tokenIds, error }) => [stopReason, tokenIds, error?.code]),
  ).toEqual([
    ["invalid-input", [], "invalid-input"],
    ["invalid-input", [], "invalid-input"],
  ]);

  const due = await Promise.all(lots.map((lot) => buyer.due(lot)));
  await buyer.accept(lots);
  const earned = due.reduce((sum, each) => sum + each - each / 100n, 0n);
  await eventually(() => agent.status().earned).toBe(earned);
  const { locked } = await buyer.reader.readContract({
    abi: marketAbi,
    address: world.network.market,
    functionName: "accountOf",
    args: [provider.address],
  });
  expect(locked).toBe(0n);
  await eventually(() => agent.status().lots).toEqual([]);
  expect(agent.status().items).toEqual({ done: 18, failed: 2 });
});
