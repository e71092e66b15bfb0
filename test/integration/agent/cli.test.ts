import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { developmentAccount, formatNetwork, type Network } from "@millrace/protocol";
import { toHex } from "viem";
import { beforeAll, expect, test } from "vitest";
import { startChain } from "../../../devnet/src/chain.ts";
import { fund } from "../../../devnet/src/fund.ts";

const CLI = fileURLToPath(new URL("../../../provider-agent/src/cli.ts", import.meta.url));
const account = developmentAccount(4);
const key = toHex(account.getHdKey().privateKey!);
let folder: string;
let networkPath: string;
let network: Network;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-cli-"));
  const chain = await startChain();
  network = chain.network;
  networkPath = join(folder, "network.json");
  await writeFile(networkPath, formatNetwork(network));
  await fund(network, { account, mint: 5_000_000n, deposit: 0n });
  return async () => {
    await chain.close();
    await rm(folder, { recursive: true, force: true });
  };
});

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

function run(
  args: readonly string[],
  env: Record<string, string> = { MILLRACE_PRIVATE_KEY: key },
): Promise<Ended> {
  const { PATH = "" } = process.env;
  return new Promise((resolve) => {
    const options = { env: { PATH, HOME: folder, MILLRACE_NETWORK: networkPath, ...env } };
    execFile(process.execPath, [CLI, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

test("money goes in and out again, and balance shows it", async () => {
  expect((await run(["balance"])).stdout).toMatch(/wallet +5\nfree +0\nlocked +0\n$/);
  expect(await run(["deposit", "3.5"])).toMatchObject({ code: 0, stdout: "deposited 3.5\n" });
  expect(await run(["withdraw", "1.25"])).toMatchObject({ code: 0, stdout: "withdrew 1.25\n" });
  expect((await run(["balance"])).stdout).toMatch(/wallet +2\.75\nfree +2\.25\nlocked +0\n$/);
});

test("a pool is opened and closed, and shown", async () => {
  const shown = (state: string, commission: string) =>
    `pool        ${state}\ncommission  ${commission} %\nbacking     0\nlocked      0\n`;
  expect((await run(["pool"])).stdout).toBe(shown("closed", "0"));
  expect((await run(["pool", "--open", "12.5"])).stdout).toBe(shown("open", "12.5"));
  const again = await run(["pool", "--open", "1"]);
  expect(again).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("Backers_PoolAlreadyOpen") as string,
  });
  const wrong = await run(["pool", "--open", "12.555"]);
  expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining("two decimals") as string });
  expect((await run(["pool", "--close"])).stdout).toBe(shown("closed", "12.5"));
});

test("more than there is: refused by the contract, and nothing moves", async () => {
  const { code, stderr } = await run(["withdraw", "1000"]);
  expect(code).toBe(1);
  expect(stderr).toContain("Ledger_InsufficientFree");
  expect((await run(["balance"])).stdout).toMatch(/free +2\.25\n/);
});

test("an operator pays into its owner's account and sees it, and takes nothing out", async () => {
  const operator = developmentAccount(5);
  const owned = {
    MILLRACE_PRIVATE_KEY: toHex(operator.getHdKey().privateKey!),
    MILLRACE_OWNER: account.address.toLowerCase(),
  };
  expect(await run(["operator", operator.address, "2.5"])).toMatchObject({
    code: 0,
    stdout: `${operator.address} may lock 2.5\n`,
  });
  await fund(network, { account: operator, mint: 1_000_000n, deposit: 0n });
  expect(await run(["deposit", "0.5"], owned)).toMatchObject({ code: 0 });
  expect((await run(["balance"], owned)).stdout).toMatch(
    new RegExp(`^account  ${account.address}\nwallet +2\\.75\nfree +2\\.75\nlocked +0\n$`),
  );
  for (const command of [
    ["withdraw", "0.5"],
    ["operator", operator.address, "100"],
  ]) {
    const { code, stderr } = await run(command, owned);
    expect(code).toBe(1);
    expect(stderr).toContain("Only the owner's own key can do this.");
  }
  expect(await run(["offers", "--cancel"], owned)).toMatchObject({ code: 0 });
  expect(await run(["operator", operator.address, "0"])).toMatchObject({ code: 0 });
  const { code, stderr } = await run(["offers", "--cancel"], owned);
  expect(code).toBe(1);
  expect(stderr).toContain("Operators_NotAuthorised");
  expect(await run(["withdraw", "0.5"])).toMatchObject({ code: 0 });
});

test("a key from a file is as good as one from the environment", async () => {
  const path = join(folder, "key");
  await writeFile(path, `${key.slice(2)}\n`, { mode: 0o600 });
  const { stdout } = await run(["balance"], { MILLRACE_KEY_FILE: path });
  expect(stdout).toContain(account.address);
});

test.each([
  ["no key", ["balance"], {}, "MILLRACE_KEY_FILE"],
  ["a key that is none", ["balance"], { MILLRACE_PRIVATE_KEY: "0x1234secret" }, "32 bytes of hex"],
  [
    "a key file that is not there",
    ["balance"],
    { MILLRACE_KEY_FILE: "/nonexistent/key" },
    "/nonexistent/key",
  ],
  ["an amount that is none", ["deposit", "1,5"], { MILLRACE_PRIVATE_KEY: key }, "Not an amount"],
  [
    "a price that is none",
    ["run", "--model", "x", "--prompt-price", "free"],
    { MILLRACE_PRIVATE_KEY: key },
    "promptPrice",
  ],
  ["no model", ["run"], { MILLRACE_PRIVATE_KEY: key }, "model"],
  [
    "a model that is not there",
    ["run", "--model", "/nonexistent.gguf"],
    { MILLRACE_PRIVATE_KEY: key },
    "/nonexistent.gguf",
  ],
  ["an owner that is none", ["balance"], { MILLRACE_PRIVATE_KEY: key, MILLRACE_OWNER: "me" }, "owner"],
  ["an operator that is none", ["operator", "me", "1"], { MILLRACE_PRIVATE_KEY: key }, "is not an address"],
  [
    "a network file that is not there",
    ["balance", "--network", "/nonexistent"],
    { MILLRACE_PRIVATE_KEY: key },
    "/nonexistent",
  ],
])("%s: refused with what to do, and never a key in it", async (_name, args, env, hint) => {
  const { code, stdout, stderr } = await run(args, env);
  expect(code).toBe(1);
  expect(stderr).toContain(hint);
  expect(stdout).toBe("");
  expect(stderr).not.toContain("secret");
  expect(stderr).not.toContain(key.slice(2));
});

test("a network file that is none: refused with its fault", async () => {
  const path = join(folder, "broken.json");
  await writeFile(path, JSON.stringify({ ...JSON.parse(formatNetwork(network)), market: "nowhere" }));
  const { code, stderr } = await run(["balance", "--network", path]);
  expect(code).toBe(1);
  expect(stderr).toContain("`market` is not an address");
});
