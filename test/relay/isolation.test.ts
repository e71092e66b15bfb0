import { readFile } from "node:fs/promises";
import { blobPath, getBlob, type Lot, type Network, putBlob } from "@millrace/protocol";
import {
  type Abi,
  type Address,
  createPublicClient,
  createWalletClient,
  type Hex,
  http,
  zeroAddress,
} from "viem";
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
  sendPut,
  startRelay,
  stranger,
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

const putInput = (url: string, bytes = noise(100)) =>
  putBlob(url, { ref: network, lot, kind: "input", account: buyer, bytes });

const getInput = (url: string) => getBlob(url, { key: keyOf(network, lot, "input") });

test("two relays side by side know nothing of each other, and each takes the same blob", async () => {
  const [one, two] = [await startRelay({ networks: [network] }), await startRelay({ networks: [network] })];
  await putInput(one.url);
  expect(await getInput(two.url)).toBeUndefined();
  await putInput(two.url);
  await one.close();
  expect(await getInput(two.url)).toEqual(noise(100));
});

test("a relay serves several markets, each with its own lots", async () => {
  const second = { ...network, market: await deployMarket(network) };
  await openMarket(second);
  const otherLot = await openLot(second);
  const relay = await startRelay({ networks: [network, second] });
  await putInput(relay.url);
  await putBlob(relay.url, {
    ref: second,
    lot: otherLot,
    kind: "input",
    account: buyer,
    bytes: noise(100, 2),
  });
  expect(await getInput(relay.url)).toEqual(noise(100));
  expect(await getBlob(relay.url, { key: keyOf(second, otherLot, "input") })).toEqual(noise(100, 2));
  // A lot of the one is none of the other's.
  const put = await makePut(second, { lot, kind: "input", body: noise(10) });
  expect(await outcomeOf(await sendPut(relay.url, put))).toMatchObject({ code: "unknown-lot" });
});

/** A second Market beside the network's own. */
async function deployMarket({ rpcUrl, asset, parameters, stakedMill }: Network): Promise<Address> {
  const faults = await deploy(rpcUrl, "Faults", []);
  return deploy(rpcUrl, "Market", [asset, parameters, stakedMill, faults, zeroAddress, zeroAddress]);
}

async function deploy(rpcUrl: string, name: string, args: readonly unknown[]): Promise<Address> {
  const artifact = new URL(`../../artifacts/contracts/${name}.sol/${name}.json`, import.meta.url);
  const { abi, bytecode } = JSON.parse(await readFile(artifact, "utf8")) as { abi: Abi; bytecode: Hex };
  const transport = http(rpcUrl);
  const wallet = createWalletClient({ account: buyer, transport });
  const hash = await wallet.deployContract({ abi, bytecode, args, chain: null });
  const reader = createPublicClient({ transport, pollingInterval: 20 });
  const { contractAddress } = await reader.waitForTransactionReceipt({ hash });
  return contractAddress!;
}

test("a client of one's own may ask the chain", async () => {
  const { chainId, market, rpcUrl } = network;
  const publicClient = createPublicClient({ transport: http(rpcUrl) });
  const relay = await startRelay({ networks: [{ chainId, market, publicClient }] });
  await putInput(relay.url);
  expect(await getInput(relay.url)).toEqual(noise(100));
});

describe("a chain that is not there", () => {
  test("stops uploads, which may be tried again, and leaves what is stored readable", async () => {
    const folder = await temporaryFolder();
    const before = await startRelay({ folder, networks: [network] });
    await putInput(before.url);
    await before.close();

    const gone = await startChain();
    await gone.close();
    const relay = await startRelay({ folder, networks: [{ ...network, rpcUrl: gone.network.rpcUrl }] });
    expect(await getInput(relay.url)).toEqual(noise(100));
    const refused = { code: "relay-refused", retryable: true };
    await expect(putInput(relay.url, noise(101))).rejects.toMatchObject(refused);
    const put = await makePut(network, { lot, kind: "input", body: noise(101) });
    const outcome = await outcomeOf(await sendPut(relay.url, put));
    expect(outcome).toEqual({ status: 503, code: "chain-unavailable" });
    expect(await filesIn(folder)).toHaveLength(1);
  });

  test("is no reason to count an honest author's failures", async () => {
    const gone = await startChain();
    await gone.close();
    const relay = await startRelay({
      networks: [{ ...network, rpcUrl: gone.network.rpcUrl }],
      failuresPerMinute: 1,
    });
    const put = await makePut(network, { lot, kind: "input", body: noise(10) });
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(await outcomeOf(await sendPut(relay.url, put))).toMatchObject({ code: "chain-unavailable" });
    }
  });
});

test("a node of another chain than configured is not believed", async () => {
  const elsewhere = { ...network, chainId: 10 };
  const relay = await startRelay({ networks: [elsewhere] });
  const put = await makePut(elsewhere, { lot, kind: "input", body: noise(10) });
  expect(put.path).toBe(blobPath(keyOf(elsewhere, lot, "input")));
  const outcome = await outcomeOf(await sendPut(relay.url, put));
  expect(outcome).toEqual({ status: 503, code: "chain-unavailable" });
});

test("a Market that is no contract is not believed", async () => {
  const elsewhere = { ...network, market: stranger.address };
  const relay = await startRelay({ networks: [elsewhere] });
  const put = await makePut(elsewhere, { lot, kind: "input", body: noise(10) });
  const outcome = await outcomeOf(await sendPut(relay.url, put));
  expect(outcome).toEqual({ status: 503, code: "chain-unavailable" });
});
