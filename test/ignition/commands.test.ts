import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  developmentAccount,
  formatNetwork,
  type Network,
  parseNetwork,
  stakedMillAbi,
} from "@millrace/protocol";
import { toHex, zeroAddress } from "viem";
import { generatePrivateKey } from "viem/accounts";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startChain } from "../../devnet/src/chain.ts";
import { callAs, clientOf } from "./anyAccount.ts";

const deployer = developmentAccount(0);
const stranger = developmentAccount(5);

let network: Network;

beforeAll(async () => {
  const chain = await startChain();
  network = chain.network;
  return () => chain.close();
});

describe("npm run deploy and deploy:check", () => {
  const run = (script: string, args: readonly string[], key = generatePrivateKey()) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      const path = fileURLToPath(new URL(`../../ignition/${script}.ts`, import.meta.url));
      const env = { ...process.env, MILLRACE_PRIVATE_KEY: key };
      execFile(process.execPath, [path, ...args], { env }, (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
      );
    });

  test("deploy once, and say what holds and what does not", async () => {
    const folder = await mkdtemp(join(tmpdir(), "millrace-deploy-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, "network.json");
    const key = toHex(stranger.getHdKey().privateKey!);
    const args = [
      "--network",
      "local",
      "--rpc",
      network.rpcUrl,
      "--out",
      path,
      "--journal",
      folder,
      "--relay",
      "https://relay.example",
    ];

    const deployed = await run("deploy", args, key);
    expect(deployed).toMatchObject({ code: 0, stderr: "" });
    expect(deployed.stdout).toMatch(/All \d+ hold: nobody has a key to this deployment\./);
    const fresh = parseNetwork(await readFile(path, "utf8"));
    expect(fresh.relays).toEqual(["https://relay.example"]);
    expect(fresh.market).not.toBe(network.market);

    expect((await run("deploy", args, key)).code).toBe(0);
    expect(parseNetwork(await readFile(path, "utf8")).market).toBe(fresh.market);

    expect((await run("check", ["--network", path])).code).toBe(0);
    await callAs(clientOf(network), fresh.timelock, {
      abi: stakedMillAbi,
      functionName: "transferOwnership",
      args: [deployer.address],
      address: fresh.stakedMill,
    });
    const wrongRun = await run("check", ["--network", path]);
    expect(wrongRun.code).toBe(1);
    expect(wrongRun.stdout).toContain(`WRONG   StakedMill.owner: ${deployer.address}, not ${fresh.timelock}`);

    await writeFile(path, formatNetwork({ ...fresh, chainId: 5 }));
    expect(await run("check", ["--network", path])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("unknown-deployment"),
    });
  });

  test.each([
    ["another chain", ["--network", "base", "--mill-holder", zeroAddress], "wrong-chain"],
    ["no holder of MILL", ["--network", "base"], "--mill-holder"],
    ["a known key", ["--network", "base", "--mill-holder", deployer.address], "development-key"],
    ["an unknown network", ["--network", "nowhere"], "invalid-option"],
  ])("refuse to deploy: %s", async (_, flags, message) => {
    const out = join(tmpdir(), "millrace-never-written.json");
    const { code, stderr } = await run("deploy", [...flags, "--rpc", network.rpcUrl, "--out", out]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
