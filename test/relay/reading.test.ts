import {
  blobHeaders,
  blobPath,
  getBlob,
  hashChunks,
  type Lot,
  type Network,
  putBlob,
} from "@millrace/protocol";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startChain } from "../../devnet/src/chain.ts";
import {
  buyer,
  keyOf,
  makePut,
  noise,
  openLot,
  openMarket,
  outcomeOf,
  provider,
  sendPut,
  sendRaw,
  startRelay,
} from "./fixture.ts";

let network: Network;
let relay: Awaited<ReturnType<typeof startRelay>>;
let lot: Lot;

beforeAll(async () => {
  const chain = await startChain();
  network = chain.network;
  await openMarket(network);
  lot = await openLot(network);
  return () => chain.close();
});

beforeEach(async () => {
  relay = await startRelay({ networks: [network] });
});

const put = (body: Uint8Array) =>
  putBlob(relay.url, { ref: network, lot, kind: "results", account: provider, bytes: body });

const urlOf = (query = "") => new URL(`${blobPath(keyOf(network, lot, "results"))}${query}`, relay.url);

describe("answers", () => {
  test("carry size, content hash, signature and etag", async () => {
    const body = noise(1_000);
    const request = await makePut(network, { lot, kind: "results", body });
    expect(await outcomeOf(await sendPut(relay.url, request))).toEqual({ status: 201, code: undefined });
    const response = await fetch(urlOf());
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "application/octet-stream",
      "content-length": "1000",
      etag: `"${hashChunks(body)}"`,
      [blobHeaders.contentHash]: hashChunks(body),
      [blobHeaders.signature]: request.headers[blobHeaders.signature],
    });
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(body);
  });

  test("to HEAD have no body", async () => {
    await put(noise(1_000));
    const response = await fetch(urlOf(), { method: "HEAD" });
    expect([response.status, response.headers.get("content-length")]).toEqual([200, "1000"]);
    expect(await response.text()).toBe("");
  });

  test("to whoever has the blob already are 304", async () => {
    await put(noise(1_000));
    const headers = { "if-none-match": `"${hashChunks(noise(1_000))}"` };
    // Raw, for fetch adds a header that forbids 304.
    const path = urlOf().pathname;
    const outcome = await sendRaw(relay.url, { method: "GET", path, headers });
    expect(outcome).toEqual({ status: 304, code: undefined });
  });

  test("may be read, and asked for, by pages of any origin", async () => {
    const preflight = await fetch(urlOf(), { method: "OPTIONS" });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-headers")).toContain(blobHeaders.lot);
    expect((await fetch(urlOf())).headers.get("access-control-allow-origin")).toBe("*");
  });

  test("to /healthz count what is stored", async () => {
    await put(noise(1_000));
    expect(await (await fetch(new URL("/healthz", relay.url))).json()).toEqual({
      status: "ok",
      blobs: 1,
      bytes: 1_000,
      uploading: 0,
      receiving: 0,
      waiting: 0,
    });
  });
});

describe("versions", () => {
  test("the same bytes again change nothing", async () => {
    const request = await makePut(network, { lot, kind: "results", body: noise(10) });
    expect((await sendPut(relay.url, request)).status).toBe(201);
    expect((await sendPut(relay.url, request)).status).toBe(204);
    expect(await (await fetch(new URL("/healthz", relay.url))).json()).toMatchObject({ blobs: 1 });
  });

  test("twins at the same moment are stored once", async () => {
    const request = await makePut(network, { lot, kind: "results", body: noise(300_000) });
    const responses = await Promise.all(Array.from({ length: 4 }, () => sendPut(relay.url, request)));
    expect(responses.map(({ status }) => status).sort()).toEqual([201, 204, 204, 204]);
    expect(await (await fetch(new URL("/healthz", relay.url))).json()).toMatchObject({ blobs: 1 });
  });

  test("other bytes come first, and the earlier ones stay to be had by their hash", async () => {
    await put(noise(10, 1));
    await put(noise(10, 2));
    await put(noise(10, 1));
    const key = keyOf(network, lot, "results");
    expect(await getBlob(relay.url, { key })).toEqual(noise(10, 2));
    const earlier = await fetch(urlOf(`?contentHash=${hashChunks(noise(10, 1))}`));
    expect(new Uint8Array(await earlier.arrayBuffer())).toEqual(noise(10, 1));
    const unknown = await fetch(urlOf(`?contentHash=${hashChunks(noise(10, 3))}`));
    expect(await outcomeOf(unknown)).toEqual({ status: 404, code: "blob-not-found" });
  });
});

// Well under the time that a waiter would take to look by itself.
describe("waiting", { timeout: 10_000 }, () => {
  test("ends when the blob comes", async () => {
    const reading = getBlob(relay.url, { key: keyOf(network, lot, "results"), waitSeconds: 25 });
    await waitForWaiters(1);
    await put(noise(1_000));
    expect(await reading).toEqual(noise(1_000));
  });

  test("serves everyone who waits", async () => {
    const key = keyOf(network, lot, "results");
    const readings = Array.from({ length: 5 }, () => getBlob(relay.url, { key, waitSeconds: 25 }));
    await waitForWaiters(5);
    await put(noise(1_000));
    expect(await Promise.all(readings)).toEqual(Array(5).fill(noise(1_000)));
  });

  test("for a particular version passes over others", async () => {
    const reading = fetch(urlOf(`?waitSeconds=25&contentHash=${hashChunks(noise(10, 2))}`));
    await waitForWaiters(1);
    await put(noise(10, 1));
    await put(noise(10, 2));
    expect(new Uint8Array(await (await reading).arrayBuffer())).toEqual(noise(10, 2));
  });

  test("ends at its time", async () => {
    const key = keyOf(network, lot, "results");
    expect(await getBlob(relay.url, { key, waitSeconds: 0.05 })).toBeUndefined();
  });

  test("is given up when the reader leaves", async () => {
    const leaving = new AbortController();
    const key = keyOf(network, lot, "results");
    const reading = getBlob(relay.url, { key, waitSeconds: 25, signal: leaving.signal });
    await waitForWaiters(1);
    leaving.abort();
    await expect(reading).rejects.toThrow();
    await waitForWaiters(0);
  });

  test("ends when the relay closes, as something to try again", async () => {
    const reading = getBlob(relay.url, { key: keyOf(network, lot, "results"), waitSeconds: 25 });
    const refused = expect(reading).rejects.toMatchObject({ code: "relay-refused", retryable: true });
    await waitForWaiters(1);
    await relay.close();
    await refused;
  });

  test("is not needed for what is there", async () => {
    await put(noise(10));
    const key = keyOf(network, lot, "results");
    expect(await getBlob(relay.url, { key, waitSeconds: 25 })).toEqual(noise(10));
  });

  test("of one reader is not ended by another lot's blob", async () => {
    const other = await openLot(network);
    const reading = getBlob(relay.url, { key: keyOf(network, lot, "results"), waitSeconds: 25 });
    await waitForWaiters(1);
    await putBlob(relay.url, { ref: network, lot: other, kind: "input", account: buyer, bytes: noise(10) });
    await put(noise(20));
    expect(await reading).toEqual(noise(20));
  });
});

/** Until so many requests wait at the relay. */
async function waitForWaiters(count: number): Promise<void> {
  await expect.poll(() => relay.status().waiting, { interval: 5, timeout: 10_000 }).toBe(count);
}
