import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { developmentAccount, formatNetwork, type Network } from "@millrace/protocol";
import { numberToHex, toHex } from "viem";
import { describe, expect, onTestFinished, test } from "vitest";
import { readConfig } from "../../../client/src/config.ts";

const address = (n: number) => numberToHex(n, { size: 20 });
const local: Network = {
  name: "local",
  chainId: 31_337,
  rpcUrl: "http://127.0.0.1:1",
  market: address(1),
  asset: address(2),
  modelRegistry: address(3),
  parameters: address(4),
  faults: address(5),
  mill: address(6),
  stakedMill: address(7),
  governor: address(8),
  timelock: address(9),
  court: address(10),
  backers: address(11),
  deployBlock: 0n,
  relays: [],
};
const developmentKey = toHex(developmentAccount(0).getHdKey().privateKey!);

async function setUp(network: Network = local) {
  const folder = await mkdtemp(join(tmpdir(), "millrace-config-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "network.json");
  await writeFile(path, formatNetwork(network));
  return { folder, env: { MILLRACE_NETWORK: path } };
}

describe("readConfig", () => {
  test("reads network, key and home from the environment", async () => {
    const { env } = await setUp();
    const config = await readConfig(
      {},
      { ...env, MILLRACE_PRIVATE_KEY: developmentKey, MILLRACE_HOME: "/x" },
    );

    expect(config).toMatchObject({ network: local, home: "/x" });
    expect(config.account!.address).toBe(developmentAccount(0).address);
  });

  test("works without a key, in the user's home; empty variables are none", async () => {
    const { env } = await setUp();
    const config = await readConfig({}, { ...env, MILLRACE_PRIVATE_KEY: "", MILLRACE_HOME: "" });

    expect(config.account).toBeUndefined();
    expect(config.home).toBe(join(homedir(), ".millrace"));
  });

  test("a flag wins over the environment", async () => {
    const { env } = await setUp();

    await expect(readConfig({ network: "/none" }, env)).rejects.toMatchObject({
      code: "network-not-readable",
    });
  });

  test("takes the key from a file, with or without 0x", async () => {
    const { folder, env } = await setUp();
    const path = join(folder, "key");
    await writeFile(path, `${developmentKey.slice(2)}\n`);
    const config = await readConfig({}, { ...env, MILLRACE_KEY_FILE: path });

    expect(config.account!.address).toBe(developmentAccount(0).address);
  });

  test.for(["0x1234", "not a key", `0x${"ff".repeat(32)}`])(
    "refuses %j as a key without showing it",
    async (key) => {
      const { env } = await setUp();
      const error: unknown = await readConfig({}, { ...env, MILLRACE_PRIVATE_KEY: key }).catch(
        (e: unknown) => e,
      );

      expect(error).toMatchObject({ code: "invalid-key" });
      expect(String((error as Error).message)).not.toContain(key);
    },
  );

  test("says what to do without a network", async () => {
    await expect(readConfig({}, {})).rejects.toMatchObject({ code: "no-network" });
  });

  test("refuses a well-known key where money could be", async () => {
    const { env } = await setUp({ ...local, chainId: 8_453 });

    await expect(readConfig({}, { ...env, MILLRACE_PRIVATE_KEY: developmentKey })).rejects.toMatchObject({
      code: "development-key",
    });
  });
});
