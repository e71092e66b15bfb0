import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatNetwork, type Network } from "@millrace/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readOptions } from "../../indexer/server/config.ts";

const ADDRESS = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

let folder: string;
let path: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-config-"));
  path = join(folder, "network.json");
  const network: Network = {
    name: "local",
    chainId: 31_337,
    rpcUrl: "http://127.0.0.1:1",
    deployBlock: 0n,
    relays: [],
    market: ADDRESS,
    asset: ADDRESS,
    modelRegistry: ADDRESS,
    parameters: ADDRESS,
    faults: ADDRESS,
    court: ADDRESS,
    backers: ADDRESS,
    mill: ADDRESS,
    stakedMill: ADDRESS,
    governor: ADDRESS,
    timelock: ADDRESS,
  };
  await writeFile(path, formatNetwork(network));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("readOptions", () => {
  test("default", async () => {
    const options = await readOptions(["--network", path], {});
    expect(options).toMatchObject({ port: 7_450, host: "127.0.0.1", logLevel: "info" });
    expect(options?.databaseUrl).toBeUndefined();
    expect(options?.network.chainId).toBe(31_337);
  });

  test("behavior: flags win over the environment", async () => {
    const env = {
      MILLRACE_NETWORK: "elsewhere",
      PORT: "1",
      DATABASE_URL: "postgres://localhost/x",
      HOST: "",
    };
    const options = await readOptions(["--network", path, "--port", "2", "--polling-ms", "50"], env);
    expect(options).toMatchObject({
      port: 2,
      host: "127.0.0.1",
      databaseUrl: "postgres://localhost/x",
      pollingIntervalMs: 50,
    });
  });

  test("behavior: help is no option", async () => {
    expect(await readOptions(["--help"], {})).toBeUndefined();
  });

  test.each([
    [[], "network"],
    [["--network", "x", "--port", "70000"], "port"],
    [["--network", "x", "--schema", "Upper"], "schema"],
    [["--network", "x", "--log-level", "loud"], "log-level"],
    [["--network", "x", "--requests-per-second", "0"], "requests-per-second"],
  ])("behavior: names what is not usable: %j", async (args, option) => {
    await expect(readOptions(args, {})).rejects.toMatchObject({
      code: "invalid-option",
      hints: expect.arrayContaining([expect.stringContaining(`--${option}: `)]),
    });
  });

  test("behavior: unknown flags and unreadable files are told", async () => {
    await expect(readOptions(["--nope"], {})).rejects.toMatchObject({ code: "invalid-option" });
    await expect(readOptions(["--network", join(folder, "none")], {})).rejects.toMatchObject({
      code: "network-not-readable",
    });
  });
});
