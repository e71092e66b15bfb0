import { getBlob, type Lot, type Network, putBlob } from "@millrace/protocol";
import { beforeAll, describe, expect, test } from "vitest";
import { startChain } from "../../devnet/src/chain.ts";
import {
  keyOf,
  makePut,
  noise,
  openLot,
  openMarket,
  outcomeOf,
  provider,
  sendPut,
  startRaw,
  startRelay,
  stranger,
} from "./fixture.ts";

let network: Network;
let lot: Lot;

beforeAll(async () => {
  const chain = await startChain();
  network = chain.network;
  await openMarket(network);
  lot = await openLot(network);
  return () => chain.close();
});

const putOf = (body: Uint8Array, changes: Partial<Parameters<typeof makePut>[1]> = {}) =>
  makePut(network, { lot, kind: "input", body, ...changes });

test("a blob of exactly the largest size is taken, one byte more is not", async () => {
  const relay = await startRelay({ networks: [network], maxBlobBytes: 1_000 });
  const refused = await outcomeOf(await sendPut(relay.url, await putOf(noise(1_001))));
  expect(refused).toEqual({ status: 413, code: "blob-too-large" });
  expect((await sendPut(relay.url, await putOf(noise(1_000)))).status).toBe(201);
});

describe("room for a lot", () => {
  test("ends at the quota, to the byte: lot-quota-exceeded", async () => {
    const relay = await startRelay({ networks: [network], quotaBytesPerLot: 1_000 });
    expect((await sendPut(relay.url, await putOf(noise(600, 1)))).status).toBe(201);
    const refused = await outcomeOf(await sendPut(relay.url, await putOf(noise(401, 2))));
    expect(refused).toEqual({ status: 413, code: "lot-quota-exceeded" });
    expect((await sendPut(relay.url, await putOf(noise(400, 3)))).status).toBe(201);
  });

  test("is each author's own: a buyer cannot crowd out the results", async () => {
    const relay = await startRelay({ networks: [network], quotaBytesPerLot: 1_000 });
    expect((await sendPut(relay.url, await putOf(noise(1_000)))).status).toBe(201);
    expect((await sendPut(relay.url, await putOf(noise(900), { kind: "results" }))).status).toBe(201);
    expect((await sendPut(relay.url, await putOf(noise(100), { kind: "results-key" }))).status).toBe(201);
  });

  test("is kept for uploads under way", async () => {
    const relay = await startRelay({ networks: [network], quotaBytesPerLot: 1_000 });
    const raw = await startHalf(relay, await putOf(noise(600, 1)));
    const refused = await outcomeOf(await sendPut(relay.url, await putOf(noise(600, 2))));
    expect(refused).toEqual({ status: 413, code: "lot-quota-exceeded" });
    raw.finish();
    expect((await raw.response).statusCode).toBe(201);
  });

  test("comes back when an upload fails", async () => {
    const relay = await startRelay({ networks: [network], quotaBytesPerLot: 1_000 });
    for (let round = 0; round < 3; round++) {
      const spoiled = await putOf(noise(1_000));
      spoiled.body[0]! ^= 1;
      const refused = await outcomeOf(await sendPut(relay.url, spoiled));
      expect(refused).toEqual({ status: 400, code: "content-mismatch" });
    }
    expect((await sendPut(relay.url, await putOf(noise(1_000)))).status).toBe(201);
  });
});

test("room for an author, over all lots: author-quota-exceeded", async () => {
  const relay = await startRelay({ networks: [network], quotaBytesPerAuthor: 1_000 });
  expect((await sendPut(relay.url, await putOf(noise(600)))).status).toBe(201);
  const other = await openLot(network);
  const refused = await outcomeOf(await sendPut(relay.url, await putOf(noise(600), { lot: other })));
  expect(refused).toEqual({ status: 429, code: "author-quota-exceeded" });
  const results = await putOf(noise(600), { lot: other, kind: "results" });
  expect((await sendPut(relay.url, results)).status).toBe(201);
});

test("versions end at eight, and none is lost: too-many-versions", async () => {
  const relay = await startRelay({ networks: [network] });
  for (let seed = 1; seed <= 8; seed++) {
    expect((await sendPut(relay.url, await putOf(noise(10, seed)))).status).toBe(201);
  }
  const refused = await outcomeOf(await sendPut(relay.url, await putOf(noise(10, 9))));
  expect(refused).toEqual({ status: 409, code: "too-many-versions" });
  expect((await sendPut(relay.url, await putOf(noise(10, 1)))).status).toBe(204);
  expect(relay.status()).toMatchObject({ blobs: 8 });
});

test("uploads at once: too-many-uploads, until one ends", async () => {
  const relay = await startRelay({ networks: [network], uploadsPerAddress: 1 });
  const raw = await startHalf(relay, await putOf(noise(600, 1)));
  const put = await putOf(noise(600, 2));
  expect(await outcomeOf(await sendPut(relay.url, put))).toEqual({ status: 429, code: "too-many-uploads" });
  raw.finish();
  expect((await raw.response).statusCode).toBe(201);
  expect((await sendPut(relay.url, put)).status).toBe(201);
});

test("waiting readers at once: too-many-waiters, until one leaves", async () => {
  const relay = await startRelay({ networks: [network], waitersPerAddress: 1 });
  const key = keyOf(network, lot, "results");
  const leaving = new AbortController();
  const left = getBlob(relay.url, { key, waitSeconds: 25, signal: leaving.signal }).catch(() => "left");
  await expect.poll(() => relay.status().waiting, { interval: 5 }).toBe(1);
  await expect(getBlob(relay.url, { key, waitSeconds: 25 })).rejects.toMatchObject({
    code: "relay-refused",
    retryable: true,
    details: expect.stringContaining("too-many-waiters"),
  });
  // Who does not wait is not held up by those who do.
  expect(await getBlob(relay.url, { key })).toBeUndefined();
  leaving.abort();
  expect(await left).toBe("left");
  await expect.poll(() => relay.status().waiting, { interval: 5 }).toBe(0);
  const reading = getBlob(relay.url, { key, waitSeconds: 25 });
  await putBlob(relay.url, { ref: network, lot, kind: "results", account: provider, bytes: noise(10) });
  expect(await reading).toEqual(noise(10));
});

test("failures in a minute: too-many-failures, until the next", async () => {
  let nowMs = Date.now();
  const relay = await startRelay({ networks: [network], failuresPerMinute: 2, now: () => nowMs });
  const forged = await putOf(noise(10), { signer: stranger });
  const unknown = await putOf(noise(10), { lot: { ...lot, attempt: 7 } });
  const honest = await putOf(noise(10));
  expect(await outcomeOf(await sendPut(relay.url, forged))).toMatchObject({ code: "bad-signature" });
  expect((await sendPut(relay.url, honest)).status).toBe(201);
  expect(await outcomeOf(await sendPut(relay.url, unknown))).toMatchObject({ code: "unknown-lot" });
  const refused = await outcomeOf(await sendPut(relay.url, honest));
  expect(refused).toEqual({ status: 429, code: "too-many-failures" });
  nowMs += 60_000;
  expect((await sendPut(relay.url, honest)).status).toBe(204);
});

test("believes a proxy about who asks only when told to", async () => {
  const from = (address: string) => ({ "x-forwarded-for": address });
  const behind = await startRelay({ networks: [network], failuresPerMinute: 1, trustProxy: 1 });
  const open = await startRelay({ networks: [network], failuresPerMinute: 1 });
  const forged = await putOf(noise(10), { signer: stranger });
  const codeOf = async (url: string, address: string) =>
    (await outcomeOf(await sendPut(url, { ...forged, headers: { ...forged.headers, ...from(address) } })))
      .code;
  expect(await codeOf(behind.url, "192.0.2.1")).toBe("bad-signature");
  expect(await codeOf(behind.url, "192.0.2.1")).toBe("too-many-failures");
  expect(await codeOf(behind.url, "192.0.2.2")).toBe("bad-signature");
  expect(await codeOf(behind.url, "2001:db8::1")).toBe("bad-signature");
  expect(await codeOf(behind.url, "2001:db8:0:0:ffff::2")).toBe("too-many-failures");
  expect(await codeOf(behind.url, "2001:db8:0:1::1")).toBe("bad-signature");
  expect(await codeOf(open.url, "192.0.2.1")).toBe("bad-signature");
  expect(await codeOf(open.url, "192.0.2.2")).toBe("too-many-failures");
});

/** Starts a PUT and returns once the relay waits for the second half of its bytes. */
async function startHalf(
  relay: Awaited<ReturnType<typeof startRelay>>,
  { path, headers, body }: Awaited<ReturnType<typeof putOf>>,
) {
  const raw = startRaw(relay.url, { path, headers: { ...headers, "content-length": String(body.length) } });
  const half = body.length / 2;
  raw.request.write(body.subarray(0, half));
  await expect.poll(() => relay.status().receiving, { interval: 5 }).toBe(1);
  return { ...raw, finish: () => raw.request.end(body.subarray(half)) };
}
