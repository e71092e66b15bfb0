import { describe, expect, test } from "vitest";
import { ReplyStore } from "../../indexer/src/api/lib/replyStore.ts";

const MIB = 2 ** 20;

describe("ReplyStore", () => {
  test("gives a reply to who waits for it and to who asks later", async () => {
    const store = new ReplyStore();
    const end = store.begin("a");
    const waiting = store.get("a");
    const body = new Uint8Array([1]);
    end(body);
    expect(await waiting).toBe(body);
    expect(await store.get("a")).toBe(body);
    expect(await store.get("b")).toBeUndefined();
  });

  test("keeps no failure", async () => {
    const store = new ReplyStore();
    const end = store.begin("a");
    const waiting = store.get("a");
    end(undefined);
    expect(await waiting).toBeUndefined();
    const body = new Uint8Array([1]);
    store.begin("a")(body);
    expect(await store.get("a")).toBe(body);
  });

  test("keeps up to 64 MiB, and tells of more only those who wait", async () => {
    const store = new ReplyStore();
    const large = new Uint8Array(40 * MIB);
    store.begin("first")(large);
    const end = store.begin("second");
    const waiting = store.get("second");
    end(large);
    expect(await waiting).toBe(large);
    expect(await store.get("second")).toBeUndefined();
    store.begin("third")(new Uint8Array(24 * MIB));
    expect(await store.get("third")).toBeDefined();
    expect(await store.get("first")).toBe(large);
  });

  test("keeps up to 1,000", async () => {
    const store = new ReplyStore();
    const body = new Uint8Array([1]);
    for (let request = 0; request < 1_001; request++) store.begin(String(request))(body);
    expect(await store.get("999")).toBe(body);
    expect(await store.get("1000")).toBeUndefined();
  });
});
