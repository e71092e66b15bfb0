import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { formatNetwork, type Network } from "@millrace/protocol";
import { describe, expect, test } from "vitest";
import { readConfig } from "../../relay/src/config.ts";
import { provider, temporaryFolder } from "./fixture.ts";

const network: Network = {
  name: "local",
  chainId: 31_337,
  rpcUrl: "http://127.0.0.1:8545",
  market: provider.address,
  asset: provider.address,
  modelRegistry: provider.address,
  parameters: provider.address,
  faults: provider.address,
  court: provider.address,
  backers: provider.address,
  mill: provider.address,
  stakedMill: provider.address,
  governor: provider.address,
  timelock: provider.address,
  deployBlock: 0n,
  relays: [],
};

async function networkFile(): Promise<string> {
  const path = join(await temporaryFolder(), "network.json");
  await writeFile(path, formatNetwork(network));
  return path;
}

describe("readConfig", () => {
  test.each<[string, Record<string, unknown>, Record<string, string>]>([
    ["no folder", { network: ["x"] }, {}],
    ["no network", { folder: "x" }, {}],
    ["a port that is no number", { folder: "x", network: ["x"], port: "a" }, {}],
    ["a port beyond 16 bits", { folder: "x", network: ["x"] }, { RELAY_PORT: "65536" }],
    ["no room at all", { folder: "x", network: ["x"], maxBlobBytes: "0" }, {}],
    ["an unknown log level", { folder: "x", network: ["x"] }, { RELAY_LOG_LEVEL: "loud" }],
  ])("%s: invalid-option", async (_, flags, env) => {
    await expect(readConfig(flags, env)).rejects.toMatchObject({ code: "invalid-option" });
  });

  test("a network's file that is not there: network-not-readable", async () => {
    const reading = readConfig({ folder: "x", network: ["/nonexistent"] }, {});
    await expect(reading).rejects.toMatchObject({ code: "network-not-readable" });
  });

  test("a network's file that is not one: invalid-network", async () => {
    const path = await networkFile();
    await writeFile(path, "{}");
    await expect(readConfig({ folder: "x", network: [path] }, {})).rejects.toMatchObject({
      code: "invalid-network",
    });
  });

  test("leaves to createRelay what is not said", async () => {
    const env = { RELAY_FOLDER: "/blobs", MILLRACE_NETWORK: await networkFile() };
    expect(await readConfig({}, env)).toEqual({
      folder: "/blobs",
      networks: [network],
      port: 7_420,
      logLevel: "info",
    });
  });

  test("flags win over the environment", async () => {
    const env = { RELAY_FOLDER: "/blobs", RELAY_PORT: "1", MILLRACE_NETWORK: "/nonexistent" };
    const flags = { port: "2", network: [await networkFile()], trustProxy: "1" };
    expect(await readConfig(flags, env)).toMatchObject({ folder: "/blobs", port: 2, trustProxy: 1 });
  });
});
