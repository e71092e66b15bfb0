import { expect, test } from "vitest";
import { createItemPool } from "../../../provider-agent/src/infer/itemPool.ts";

/** Items that end when the test says so. */
function controlled() {
  const started: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<void>>();
  return {
    started,
    compute: (lot: string) => (index: number) => {
      const item = `${lot}${index}`;
      started.push(item);
      const end = Promise.withResolvers<void>();
      ends.set(item, end);
      return end.promise;
    },
    async end(...items: string[]) {
      for (const item of items) ends.get(item)!.resolve();
      await new Promise(setImmediate);
    },
    async fail(item: string, error: Error) {
      ends.get(item)!.reject(error);
      await new Promise(setImmediate);
    },
  };
}

const signal = new AbortController().signal;

test("no more items than slots run at once, in order", async () => {
  const items = controlled();
  const pool = createItemPool({ slots: 2 });
  const run = pool.run({ deadline: 1, indexes: [0, 1, 2], compute: items.compute("a"), signal });
  expect(items.started).toEqual(["a0", "a1"]);
  await items.end("a1");
  expect(items.started).toEqual(["a0", "a1", "a2"]);
  await items.end("a0", "a2");
  await run;
});

test("the next lot's items start while the last ones of a lot still run", async () => {
  const items = controlled();
  const pool = createItemPool({ slots: 2 });
  const first = pool.run({ deadline: 1, indexes: [0, 1], compute: items.compute("a"), signal });
  const second = pool.run({ deadline: 2, indexes: [0, 1], compute: items.compute("b"), signal });
  await items.end("a0");
  expect(items.started).toEqual(["a0", "a1", "b0"]);
  await items.end("a1");
  await first;
  await items.end("b0", "b1");
  await second;
});

test("the more urgent lot goes first, though it came later", async () => {
  const items = controlled();
  const pool = createItemPool({ slots: 1 });
  const calm = pool.run({ deadline: 9, indexes: [0, 1], compute: items.compute("calm"), signal });
  const urgent = pool.run({ deadline: 3, indexes: [0, 1], compute: items.compute("urgent"), signal });
  await items.end("calm0");
  await items.end("urgent0");
  await items.end("urgent1");
  await items.end("calm1");
  await Promise.all([calm, urgent]);
  expect(items.started).toEqual(["calm0", "urgent0", "urgent1", "calm1"]);
});

test("a failure ends its lot alone, and frees its slots", async () => {
  const items = controlled();
  const pool = createItemPool({ slots: 1 });
  const broken = pool.run({ deadline: 1, indexes: [0, 1, 2], compute: items.compute("a"), signal });
  const sound = pool.run({ deadline: 2, indexes: [0], compute: items.compute("b"), signal });
  const failing = expect(broken).rejects.toThrow("broken");
  await items.fail("a0", new Error("broken"));
  await failing;
  await items.end("b0");
  await sound;
  expect(items.started).toEqual(["a0", "b0"]);
});

test("an aborted lot starts nothing more", async () => {
  const items = controlled();
  const pool = createItemPool({ slots: 1 });
  const abort = new AbortController();
  const run = pool.run({ deadline: 1, indexes: [0, 1], compute: items.compute("a"), signal: abort.signal });
  const aborted = expect(run).rejects.toThrow("enough");
  abort.abort(new Error("enough"));
  await items.end("a0");
  await aborted;
  expect(items.started).toEqual(["a0"]);
});

test("a lot without items is done", async () => {
  await createItemPool({ slots: 1 }).run({ deadline: 1, indexes: [], compute: async () => {}, signal });
});
