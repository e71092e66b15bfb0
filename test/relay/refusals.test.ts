import {
  type BlobKey,
  type BlobKind,
  blobHeaders,
  blobPath,
  encodeLot,
  getBlob,
  type Lot,
  type Network,
  putBlob,
} from "@millrace/protocol";
import { createTestClient, http, publicActions } from "viem";
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { startChain } from "../../devnet/src/chain.ts";
import {
  blobDigest,
  buyer,
  callMarket,
  demandDelivery,
  filesIn,
  keyOf,
  makePut,
  noise,
  openLot,
  openMarket,
  outcomeOf,
  provider,
  type RawPut,
  sendPut,
  sendRaw,
  startRelay,
  stranger,
  submitLot,
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
  relay = await startRelay({ networks: [network], maxBlobBytes: 10_000 });
});

/** Sends what must be refused, and sees that nothing of it stays. */
async function refusalOf(put: RawPut) {
  const outcome = await outcomeOf(await sendPut(relay.url, put));
  expect(await filesIn(relay.folder)).toEqual([]);
  return outcome;
}

const goodPut = (changes: Partial<Parameters<typeof makePut>[1]> = {}) =>
  makePut(network, { lot, kind: "input", body: noise(1_000), ...changes });

describe("paths", () => {
  const key = (): BlobKey => keyOf(network, lot, "input");

  test.each<[string, (path: string) => string]>([
    ["a part too few", (path) => path.slice(0, path.lastIndexOf("/"))],
    ["a part too many", (path) => `${path}/x`],
    ["another version", (path) => path.replace("/v1/", "/v2/")],
    ["upper-case route", (path) => path.replace("/blobs/", "/BLOBS/")],
  ])("%s: unknown-route", async (_, spoil) => {
    const put = await goodPut();
    const outcome = await refusalOf({ ...put, path: spoil(put.path) });
    expect(outcome).toEqual({ status: 404, code: "unknown-route" });
  });

  test.each<[string, (path: string) => string]>([
    ["upper case", (path) => path.replace(/[0-9a-f]{40}$/, (hex) => hex.toUpperCase())],
    ["a short author", (path) => path.slice(0, -1)],
    ["an unknown kind", (path) => path.replace("/input/", "/output/")],
    ["a chain with a leading zero", (path) => path.replace("/blobs/", "/blobs/0")],
    ["dots in place of the job", (path) => path.replace(key().jobId, "..%2f..%2f..")],
    ["an absolute path in place of the lot", (path) => path.replace(key().lotId, "%2fetc%2fpasswd")],
    ["a NUL after the author", (path) => `${path}%00`],
    ["a line end after the author", (path) => `${path}%0a`],
    ["what does not decode", (path) => path.replace(key().lotId, "%E0%A4%A")],
  ])("%s: invalid-path", async (_, spoil) => {
    const put = await goodPut();
    const path = spoil(put.path);
    // Raw, for fetch would tidy some of these.
    const expected = { status: 400, code: "invalid-path" };
    expect(await sendRaw(relay.url, { ...put, path })).toEqual(expected);
    expect(await sendRaw(relay.url, { method: "GET", path })).toEqual(expected);
    expect(await filesIn(relay.folder)).toEqual([]);
  });

  test.each<[string, Partial<BlobKey>]>([
    ["another chain", { chainId: 1 }],
    ["another market", { market: stranger.address }],
  ])("%s: unknown-market", async (_, changes) => {
    const put = { ...(await goodPut()), path: blobPath({ ...key(), ...changes }) };
    const expected = { status: 404, code: "unknown-market" };
    expect(await refusalOf(put)).toEqual(expected);
    expect(await outcomeOf(await fetch(new URL(put.path, relay.url)))).toEqual(expected);
  });
});

describe("headers", () => {
  test("no content-length: length-required", async () => {
    const put = await goodPut();
    const outcome = await sendRaw(relay.url, { ...put, chunked: true });
    expect(outcome).toEqual({ status: 411, code: "length-required" });
  });

  test("more than the relay takes: blob-too-large, which reaches the sender", async () => {
    const put = await goodPut({ body: noise(3_000_000) });
    expect(await refusalOf(put)).toEqual({ status: 413, code: "blob-too-large" });
  });

  test.each<[string, string | undefined]>([
    [blobHeaders.contentHash, undefined],
    [blobHeaders.contentHash, "0x12"],
    [blobHeaders.contentHash, `0x${"zz".repeat(32)}`],
    [blobHeaders.signature, undefined],
    [blobHeaders.signature, "0x"],
    [blobHeaders.signature, "0x123"],
  ])("%s %j: invalid-header", async (name, value) => {
    const put = await goodPut();
    const { [name]: _, ...headers } = put.headers;
    if (value !== undefined) headers[name] = value;
    expect(await refusalOf({ ...put, headers })).toEqual({ status: 400, code: "invalid-header" });
  });

  test.each<[string, (json: string) => string]>([
    ["no JSON", () => "{"],
    ["not an object", () => "null"],
    ["a field missing", (json) => json.replace(/"feeBps":\d+/, '"x":1')],
    ["a field too many", (json) => json.replace("{", '{"more":1,')],
    ["a negative amount", (json) => json.replace(/"escrow":"/, '"escrow":"-')],
    ["an amount beyond 96 bits", (json) => json.replace(/"escrow":"\d+"/, `"escrow":"${2n ** 96n}"`)],
    ["a number beyond 32 bits", (json) => json.replace(/"itemCount":\d+/, `"itemCount":${2 ** 32}`)],
  ])("lot with %s: invalid-lot", async (_, spoil) => {
    const put = await goodPut();
    const header = Buffer.from(spoil(encodeLot(lot))).toString("base64url");
    const outcome = await refusalOf({ ...put, headers: { ...put.headers, [blobHeaders.lot]: header } });
    expect(outcome).toEqual({ status: 400, code: "invalid-lot" });
  });

  test("no lot: invalid-lot", async () => {
    const put = await goodPut();
    const { [blobHeaders.lot]: _, ...headers } = put.headers;
    expect(await refusalOf({ ...put, headers })).toEqual({ status: 400, code: "invalid-lot" });
  });
});

describe("roles", () => {
  test("terms of another lot: lot-mismatch", async () => {
    const other = { ...lot, escrow: lot.escrow + 1n };
    const put = await goodPut({ lot: other, key: keyOf(network, lot, "input") });
    expect(await refusalOf(put)).toEqual({ status: 400, code: "lot-mismatch" });
  });

  test("another job in the path: lot-mismatch", async () => {
    const put = await goodPut({ key: { ...keyOf(network, lot, "input"), jobId: `0x${"77".repeat(32)}` } });
    expect(await refusalOf(put)).toEqual({ status: 400, code: "lot-mismatch" });
  });

  test.each([
    { kind: "input", author: provider },
    { kind: "input", author: stranger },
    { kind: "results", author: buyer },
    { kind: "results-key", author: buyer },
    { kind: "evidence", author: provider },
    { kind: "evidence", author: stranger },
  ] as const)("$kind by $author.address: wrong-author", async ({ kind, author }) => {
    const key = { ...keyOf(network, lot, kind), author: author.address };
    const put = await goodPut({ kind, key, signer: author });
    expect(await refusalOf(put)).toEqual({ status: 403, code: "wrong-author" });
  });
});

describe("signatures", () => {
  const expected = { status: 401, code: "bad-signature" };

  test("by another key", async () => {
    expect(await refusalOf(await goodPut({ signer: stranger }))).toEqual(expected);
  });

  test.each<[string, () => Promise<Record<string, string>>]>([
    ["of another chain", async () => (await signedFor({ chainId: 1 })).headers],
    ["of another market", async () => (await signedFor({ market: stranger.address })).headers],
    ["of another kind", async () => (await goodPut({ key: keyOf(network, lot, "results") })).headers],
    ["of other bytes", async () => (await goodPut({ body: noise(1_000, 2) })).headers],
    ["of another size", async () => (await goodPut({ body: noise(999) })).headers],
    ["that is no curve point", async () => ({ [blobHeaders.signature]: `0x${"ff".repeat(65)}` })],
    ["that is one byte", async () => ({ [blobHeaders.signature]: "0x00" })],
  ])("%s", async (_, otherHeaders) => {
    const put = await goodPut();
    const signature = (await otherHeaders())[blobHeaders.signature]!;
    const headers = { ...put.headers, [blobHeaders.signature]: signature };
    expect(await refusalOf({ ...put, headers })).toEqual(expected);
  });

  const signedFor = (changes: Partial<Network>) =>
    makePut(
      { ...network, ...changes },
      { lot, kind: "input", body: noise(1_000), key: keyOf(network, lot, "input") },
    );

  test("by an operator: of its owner's role alone, and only while it is one", async () => {
    const allow = (cap: bigint) =>
      callMarket(network, provider, "setProviderOperator", [stranger.address, cap]);
    const spend = (allowance: bigint, periodSeconds: number) =>
      callMarket(network, buyer, "setBuyerOperator", [stranger.address, allowance, periodSeconds]);
    const ownLot = await openLot(network);
    const put = (kind: BlobKind) => goodPut({ lot: ownLot, kind, signer: stranger });
    await allow(1n);
    expect(await refusalOf(await put("input"))).toEqual(expected);
    await allow(0n);
    await spend(1n, 3_600);
    expect(await refusalOf(await put("results"))).toEqual(expected);
    expect(await outcomeOf(await sendPut(relay.url, await put("input")))).toMatchObject({ status: 201 });
    await spend(0n, 0);
    await allow(1n);
    expect(await outcomeOf(await sendPut(relay.url, await put("results")))).toMatchObject({ status: 201 });
    await allow(0n);
    expect(await outcomeOf(await sendPut(relay.url, await put("results-key")))).toEqual(expected);
    // putBlob names the owner as the author, whoever signs.
    await allow(1n);
    const key = { ref: network, lot: ownLot, kind: "results-key", account: stranger } as const;
    await putBlob(relay.url, { ...key, bytes: noise(10) });
    expect(await getBlob(relay.url, { key: keyOf(network, ownLot, "results-key") })).toEqual(noise(10));
    await allow(0n);
  });

  test("of a wallet contract are the contract's to judge", async () => {
    const walletLot = await openLot(network);
    const chain = createTestClient({ mode: "hardhat", transport: http(network.rpcUrl) });
    // ERC-1271: accepts as a signature the hash itself, and nothing else.
    const wallet = "0x60643560043514631626ba7e60e01b0260005260206000f3";
    await chain.setCode({ address: buyer.address, bytecode: wallet });
    try {
      const put = await goodPut({ lot: walletLot });
      const digest = blobDigest(network, keyOf(network, walletLot, "input"), put.body);
      const withSignature = (signature: string) => ({
        ...put,
        headers: { ...put.headers, [blobHeaders.signature]: signature },
      });
      expect(await refusalOf(withSignature(`0x${"12".repeat(32)}`))).toEqual(expected);
      const accepted = await sendPut(relay.url, withSignature(digest));
      expect(await outcomeOf(accepted)).toEqual({ status: 201, code: undefined });
    } finally {
      await chain.setCode({ address: buyer.address, bytecode: "0x" });
    }
  });
});

describe("bytes", () => {
  const expected = { status: 400, code: "content-mismatch" };

  test.each([0, 499, 999])("byte %i flipped", async (position) => {
    const put = await goodPut();
    put.body[position]! ^= 1;
    expect(await refusalOf(put)).toEqual(expected);
  });

  test("the last byte of a large blob flipped", async () => {
    const large = await startRelay({ networks: [network] });
    const put = await goodPut({ body: noise(2_000_000) });
    put.body[1_999_999]! ^= 1;
    expect(await outcomeOf(await sendPut(large.url, put))).toEqual(expected);
    expect(await filesIn(large.folder)).toEqual([]);
  });
});

describe("lots", () => {
  test("one that the chain does not know: unknown-lot, retryable", async () => {
    const made = { ...lot, attempt: 9 };
    await expect(
      putBlob(relay.url, { ref: network, lot: made, kind: "input", account: buyer, bytes: noise(10) }),
    ).rejects.toMatchObject({
      code: "relay-refused",
      retryable: true,
      details: expect.stringContaining("unknown-lot"),
    });
  });

  test("evidence before the lot is challenged: lot-not-challenged, retryable", async () => {
    const disputed = await openLot(network);
    const put = { ref: network, lot: disputed, kind: "evidence", account: buyer, bytes: noise(10) } as const;
    const expected = { status: 503, code: "lot-not-challenged" };
    expect(await refusalOf(await goodPut({ lot: disputed, kind: "evidence" }))).toEqual(expected);
    await submitLot(network, disputed);
    expect(await refusalOf(await goodPut({ lot: disputed, kind: "evidence" }))).toEqual(expected);
    // The case opens a moment later, within the time for which the relay believes what it has read of a lot.
    await demandDelivery(network, disputed);
    const byOperator = () => goodPut({ lot: disputed, kind: "evidence", signer: stranger });
    expect(await refusalOf(await byOperator())).toEqual({ status: 401, code: "bad-signature" });
    await callMarket(network, buyer, "setBuyerOperator", [stranger.address, 1n, 3_600]);
    expect(await outcomeOf(await sendPut(relay.url, await byOperator()))).toMatchObject({ status: 201 });
    await callMarket(network, buyer, "setBuyerOperator", [stranger.address, 0n, 0]);
    await putBlob(relay.url, put);
    expect(await getBlob(relay.url, { key: keyOf(network, disputed, "evidence") })).toEqual(put.bytes);
  });

  test("one that its provider released: lot-over", async () => {
    const released = await openLot(network);
    await callMarket(network, provider, "release", [released]);
    const put = await goodPut({ lot: released });
    expect(await refusalOf(put)).toEqual({ status: 409, code: "lot-over" });
  });

  test("one that the node sees a moment later is taken then", async () => {
    const chain = createTestClient({ mode: "hardhat", transport: http(network.rpcUrl) });
    // Or else a block mined by the clock may take the time that is meant for the lot's.
    await chain.setIntervalMining({ interval: 0 });
    onTestFinished(() => chain.setIntervalMining({ interval: 1 }));
    const { timestamp } = await chain.extend(publicActions).getBlock();
    const openAt = async () => {
      await chain.setNextBlockTimestamp({ timestamp: timestamp + 1_000n });
      return openLot(network, 1_000_000n);
    };
    const id = await chain.snapshot();
    const later = await openAt();
    await chain.revert({ id });
    const put = { ref: network, lot: later, kind: "input", account: buyer, bytes: noise(10) } as const;
    await expect(putBlob(relay.url, put)).rejects.toMatchObject({ retryable: true });
    expect(await openAt()).toEqual(later);
    await putBlob(relay.url, put);
    expect(await getBlob(relay.url, { key: keyOf(network, later, "input") })).toEqual(put.bytes);
  });
});

describe("queries", () => {
  test.each([
    "waitSeconds=x",
    "waitSeconds=-1",
    "waitSeconds=1e9",
    "waitSeconds=1&waitSeconds=2",
    "contentHash=0x1",
  ])("%s: invalid-query", async (query) => {
    const url = new URL(`${blobPath(keyOf(network, lot, "input"))}?${query}`, relay.url);
    expect(await outcomeOf(await fetch(url))).toEqual({ status: 400, code: "invalid-query" });
  });

  test("no blob: blob-not-found", async () => {
    const url = new URL(blobPath(keyOf(network, lot, "input")), relay.url);
    expect(await outcomeOf(await fetch(url))).toEqual({ status: 404, code: "blob-not-found" });
  });
});
