import { getBlob, type Network, putBlob } from "@millrace/protocol";
import { beforeAll, expect, test } from "vitest";
import { startChain } from "../../devnet/src/chain.ts";
import { buyer, filesIn, keyOf, noise, openLot, openMarket, provider, startRelay } from "./fixture.ts";

let network: Network;

beforeAll(async () => {
  const chain = await startChain();
  network = chain.network;
  await openMarket(network);
  return () => chain.close();
});

test.each([
  { kind: "input", account: buyer },
  { kind: "results", account: provider },
  { kind: "results-key", account: provider },
] as const)("$kind comes back as it was put", async ({ kind, account }) => {
  const relay = await startRelay({ networks: [network] });
  const lot = await openLot(network);
  const bytes = noise(1_000);
  await putBlob(relay.url, { ref: network, lot, kind, account, bytes });
  expect(await getBlob(relay.url, { key: keyOf(network, lot, kind) })).toEqual(bytes);
});

test("an empty blob is a blob", async () => {
  const relay = await startRelay({ networks: [network] });
  const lot = await openLot(network);
  await putBlob(relay.url, { ref: network, lot, kind: "input", account: buyer, bytes: new Uint8Array() });
  expect(await getBlob(relay.url, { key: keyOf(network, lot, "input") })).toEqual(new Uint8Array());
});

test("what was never put is undefined", async () => {
  const relay = await startRelay({ networks: [network] });
  const lot = await openLot(network);
  expect(await getBlob(relay.url, { key: keyOf(network, lot, "input") })).toBeUndefined();
  expect(await filesIn(relay.folder)).toEqual([]);
});
