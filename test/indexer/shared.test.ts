import { describe, expect, test } from "vitest";
import { shared } from "../../indexer/src/api/lib/shared.ts";

const state = { version: "1", now: 10 };

/** A query that ends when it is told to. */
function query(rows: readonly number[]) {
  const { promise, resolve } = Promise.withResolvers<readonly number[]>();
  return { run: () => promise, end: () => resolve(rows) };
}

describe("shared", () => {
  test("gives a query's rows to all who ask the same of the same state", async () => {
    const first = query([1]);
    const asked = shared(state, "jobs", first.run);
    const again = shared(state, "jobs", () => Promise.reject(new Error("It ran again.")));
    first.end();
    expect(await Promise.all([asked, again])).toEqual([[1], [1]]);
  });

  test.each([
    ["version", { ...state, version: "2" }],
    ["time", { ...state, now: 11 }],
  ])("does not give rows of one state to who asks about another %s", async (_, later) => {
    const slow = query([1]);
    const before = shared(state, "jobs", slow.run);
    const after = shared(later, "jobs", () => Promise.resolve([2]));
    expect(await after).toEqual([2]);
    slow.end();
    expect(await before).toEqual([1]);
  });

  test("keeps nothing, and no failure either", async () => {
    await expect(shared(state, "jobs", () => Promise.reject(new Error("gone")))).rejects.toThrow("gone");
    expect(await shared(state, "jobs", () => Promise.resolve([1]))).toEqual([1]);
    expect(await shared(state, "jobs", () => Promise.resolve([2]))).toEqual([2]);
  });
});
