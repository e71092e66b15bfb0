import { expect, test } from "vitest";
import { createBatcher } from "../../../provider-agent/src/chain/batcher.ts";

test("items of one moment go in one run; those that come meanwhile in the next", async () => {
  const runs: number[][] = [];
  const gate = Promise.withResolvers<void>();
  const batcher = createBatcher<number>(
    async (take) => {
      runs.push(take());
      if (runs.length === 1) await gate.promise;
    },
    { maxItems: 10 },
  );
  const first = [batcher.add(1), batcher.add(2)];
  await new Promise(setImmediate);
  const later = [batcher.add(3), batcher.add(4)];
  gate.resolve();
  await Promise.all([...first, ...later]);
  expect(runs).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

test("items that come before a waiting run takes them go with it", async () => {
  const runs: number[][] = [];
  const turn = Promise.withResolvers<void>();
  const batcher = createBatcher<number>(
    async (take) => {
      await turn.promise;
      runs.push(take());
    },
    { maxItems: 10 },
  );
  const added = [batcher.add(1)];
  await new Promise(setImmediate);
  added.push(batcher.add(2));
  turn.resolve();
  await Promise.all(added);
  expect(runs).toEqual([[1, 2]]);
});

test("a run takes no more than its limit", async () => {
  const runs: number[][] = [];
  const batcher = createBatcher<number>(
    async (take) => {
      runs.push(take());
    },
    { maxItems: 2 },
  );
  await Promise.all([1, 2, 3].map((item) => batcher.add(item)));
  expect(runs).toEqual([[1, 2], [3]]);
});

test("a failure reaches the callers of its run alone, and the next run goes on", async () => {
  let runs = 0;
  const batcher = createBatcher<number>(
    async (take) => {
      if (++runs === 1) throw new Error("before taking");
      take();
    },
    { maxItems: 1 },
  );
  const [first, second] = [batcher.add(1), batcher.add(2)];
  await expect(first).rejects.toThrow("before taking");
  await second;
});
