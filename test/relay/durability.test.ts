import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { blobPath, getBlob, type Lot, type Network, putBlob } from "@millrace/protocol";
import { beforeAll, describe, expect, test } from "vitest";
import { startChain } from "../../devnet/src/chain.ts";
import {
  buyer,
  filesIn,
  keyOf,
  makePut,
  noise,
  openLot,
  openMarket,
  outcomeOf,
  provider,
  sendPut,
  startProgram,
  startRaw,
  startRelay,
  temporaryFolder,
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

const putInput = (url: string, bytes: Uint8Array, account = buyer) =>
  putBlob(url, { ref: network, lot, kind: "input", account, bytes });

const getInput = (url: string) => getBlob(url, { key: keyOf(network, lot, "input") });

test("160 MB go in and out, and the relay's memory grows by far less", async () => {
  const folder = await temporaryFolder();
  const { url, child } = await startProgram({ folder, network, nodeFlags: ["--max-semi-space-size=1"] });
  await putInput(url, noise(5_000_000));
  await getInput(url);
  const before = await residentBytes(child.pid!);
  const bytes = noise(160_000_000);
  const { raw, finish } = await startUpload(url, folder, bytes, 159_999_999);
  expect((await residentBytes(child.pid!)) - before).toBeLessThan(60_000_000);
  finish();
  expect((await raw.response).statusCode).toBe(201);
  expect(Buffer.compare((await getInput(url))!, bytes)).toBe(0);
  expect((await residentBytes(child.pid!)) - before).toBeLessThan(60_000_000);
});

describe("a restart", () => {
  test("keeps blobs, their order and their quotas", async () => {
    const folder = await temporaryFolder();
    const limits = { folder, networks: [network], quotaBytesPerLot: 2_500 };
    const first = await startRelay(limits);
    await putInput(first.url, noise(1_000, 1));
    await putInput(first.url, noise(1_000, 2));
    await first.close();

    const second = await startRelay(limits);
    expect(second.status()).toMatchObject({ blobs: 2, bytes: 2_000 });
    expect(await getInput(second.url)).toEqual(noise(1_000, 2));
    const put = await makePut(network, { lot, kind: "input", body: noise(1_000, 3) });
    expect(await outcomeOf(await sendPut(second.url, put))).toMatchObject({ code: "lot-quota-exceeded" });
  });

  test("passes over files that are not its own", async () => {
    const folder = await temporaryFolder();
    const first = await startRelay({ folder, networks: [network] });
    await putInput(first.url, noise(10));
    await first.close();
    await writeFile(join(folder, "blobs", "notes.txt"), "mine");
    const second = await startRelay({ folder, networks: [network] });
    expect(second.status()).toMatchObject({ blobs: 1 });
  });

  test("closing twice, or while nothing runs, is one closing", async () => {
    const relay = await startRelay({ networks: [network] });
    await Promise.all([relay.close(), relay.close()]);
    await relay[Symbol.asyncDispose]();
  });
});

describe("an interrupted upload leaves nothing", () => {
  test("when its sender goes away", async () => {
    const relay = await startRelay({ networks: [network] });
    const { request } = await startHalf(relay.url, relay.folder);
    request.destroy();
    await expect.poll(() => filesIn(relay.folder), { interval: 5 }).toEqual([]);
    expect(await getInput(relay.url)).toBeUndefined();
    await putInput(relay.url, noise(1_000_000));
    expect(await getInput(relay.url)).toEqual(noise(1_000_000));
  });

  test("when the relay closes", { timeout: 20_000 }, async () => {
    const relay = await startRelay({ networks: [network], closeGraceMs: 50 });
    await startHalf(relay.url, relay.folder);
    await relay.close();
    expect(await filesIn(relay.folder)).toEqual([]);
  });

  test("when the relay is killed", async () => {
    const folder = await temporaryFolder();
    const first = await startProgram({ folder, network });
    await startHalf(first.url, folder);
    first.child.kill("SIGKILL");
    await once(first.child, "exit");
    expect(await filesIn(folder)).toHaveLength(1);

    const second = await startProgram({ folder, network });
    expect(await filesIn(folder)).toEqual([]);
    expect(await getInput(second.url)).toBeUndefined();
    await putInput(second.url, noise(1_000_000));
    expect(await getInput(second.url)).toEqual(noise(1_000_000));
  });
});

/** Starts a PUT of 1 MB and returns once half of it is on the relay's disk. */
async function startHalf(url: string, folder: string) {
  return (await startUpload(url, folder, noise(1_000_000), 600_000)).raw;
}

/** Starts a PUT and returns once what was sent of it is on the relay's disk, but for the part that is held back. */
async function startUpload(url: string, folder: string, body: Uint8Array, sentBytes: number) {
  const { path, headers } = await makePut(network, { lot, kind: "input", body });
  const raw = startRaw(url, { path, headers: { ...headers, "content-length": String(body.length) } });
  raw.request.on("error", () => {});
  raw.request.write(body.subarray(0, sentBytes));
  const uploaded = async () => {
    const [name] = await readdir(join(folder, "uploads"));
    return name === undefined ? 0 : (await stat(join(folder, "uploads", name))).size;
  };
  await expect.poll(uploaded, { interval: 5, timeout: 60_000 }).toBeGreaterThanOrEqual(sentBytes - 65_536);
  return { raw, finish: () => raw.request.end(body.subarray(sentBytes)) };
}

/** The memory that a process holds now. */
async function residentBytes(pid: number): Promise<number> {
  if (process.platform === "linux") {
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)![1]) * 1_024;
  }
  return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) * 1_024;
}

describe("damage on disk", () => {
  test.each<[string, (file: string) => Promise<void>]>([
    ["a flipped bit", (file) => flip(file, 0)],
    ["a flipped bit in the last byte", (file) => flip(file, 99_999)],
    ["a flipped bit in the signature", (file) => flip(file, 100_020)],
    ["a cut", (file) => truncate(file, 50_000)],
    ["an added byte", async (file) => writeFile(file, "x", { flag: "a" })],
    // Tried again: fetch may hand out the connection that the relay has just cut.
  ])("%s is never served, and can be mended by putting the blob again", { retry: 2 }, async (_, damage) => {
    const relay = await startRelay({ networks: [network] });
    await putInput(relay.url, noise(100_000));
    const [file] = await filesIn(relay.folder);
    await damage(file!);
    const url = new URL(blobPath(keyOf(network, lot, "input")), relay.url);
    const served = await fetch(url)
      .then(
        async (response) => (response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined),
        () => undefined,
      )
      .catch(() => undefined);
    expect(served).toBeUndefined();
    expect(await getInput(relay.url)).toBeUndefined();
    await putInput(relay.url, noise(100_000));
    expect(await getInput(relay.url)).toEqual(noise(100_000));
  });

  async function flip(file: string, position: number): Promise<void> {
    const bytes = await readFile(file);
    bytes[position]! ^= 1;
    await writeFile(file, bytes);
  }
});

test("a disk that takes no more: disk-full, and nothing is lost", async () => {
  const folder = await temporaryFolder();
  // No file of the relay's may grow beyond 128 blocks of 512 bytes or 1 KiB, as the shell counts them.
  const { url } = await startProgram({ folder, network, shell: "ulimit -f 128" });
  await putInput(url, noise(10_000));
  const put = await makePut(network, { lot, kind: "results", body: noise(1_000_000), signer: provider });
  expect(await outcomeOf(await sendPut(url, put))).toEqual({ status: 507, code: "disk-full" });
  expect(await filesIn(folder)).toHaveLength(1);
  expect(await getInput(url)).toEqual(noise(10_000));
});

describe("retention", () => {
  test("removes blobs of its age, and their folders, and gives their room back", async () => {
    let nowMs = Date.now();
    const relay = await startRelay({
      networks: [network],
      now: () => nowMs,
      retentionSeconds: 3_600,
      quotaBytesPerLot: 1_000,
    });
    await putInput(relay.url, noise(1_000));
    nowMs += 3_599_000;
    await relay.sweep();
    expect(await getInput(relay.url)).toEqual(noise(1_000));
    nowMs += 2_000;
    await relay.sweep();
    expect(await getInput(relay.url)).toBeUndefined();
    expect(await readdir(join(relay.folder, "blobs"))).toEqual([]);
    expect(relay.status()).toMatchObject({ blobs: 0, bytes: 0 });
    await putInput(relay.url, noise(1_000, 2));
    expect(await getInput(relay.url)).toEqual(noise(1_000, 2));
  });

  test("is caught up with at the start", async () => {
    const folder = await temporaryFolder();
    const first = await startRelay({ folder, networks: [network] });
    await putInput(first.url, noise(10));
    await first.close();
    const later = () => Date.now() + 31 * 24 * 3_600_000;
    const second = await startRelay({ folder, networks: [network], now: later });
    expect(await getInput(second.url)).toBeUndefined();
    expect(await filesIn(folder)).toEqual([]);
  });
});

describe("starting", () => {
  test("a folder that is a file: relay-folder-not-writable", async () => {
    const folder = join(await temporaryFolder(), "taken");
    await writeFile(folder, "");
    await expect(startRelay({ folder, networks: [network] })).rejects.toMatchObject({
      code: "relay-folder-not-writable",
    });
  });

  test("a port in use: port-in-use", async () => {
    const { url } = await startRelay({ networks: [network] });
    const port = Number(new URL(url).port);
    await expect(startRelay({ networks: [network], port })).rejects.toMatchObject({ code: "port-in-use" });
  });

  test("no market: relay-no-network", async () => {
    await expect(startRelay({ networks: [] })).rejects.toMatchObject({ code: "relay-no-network" });
  });

  test("the program stops on a signal, and says so with its exit code", async () => {
    const { child } = await startProgram({ folder: await temporaryFolder(), network });
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  test("the program's logs hold no signature", async () => {
    const { url, child, log } = await startProgram({
      folder: await temporaryFolder(),
      network,
      args: ["--log-level", "trace"],
    });
    const put = await makePut(network, { lot, kind: "input", body: noise(10) });
    await sendPut(url, put);
    child.kill("SIGTERM");
    await once(child, "close");
    expect(log()).toContain('"method":"PUT"');
    expect(log()).not.toContain(put.headers["millrace-signature"]!.slice(2));
  });
});
