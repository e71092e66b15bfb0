import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { backersAbi, formatNetwork } from "@millrace/protocol";
import { toHex } from "viem";
import { describe, expect, onTestFinished, test } from "vitest";
import { mint, send, sentTransactions } from "./chain.ts";
import {
  batchFile,
  buyer,
  modelSpec,
  openMarket,
  prompts,
  providerAccounts,
  type TestMarket,
} from "./fixture.ts";

const cli = fileURLToPath(new URL("../../../client/src/cli.ts", import.meta.url));

/** A user's shell: a folder with the network's description, and the environment that the CLI reads. */
async function openShell(market: TestMarket, env: Record<string, string> = {}) {
  const folder = dirname(market.home);
  const network = join(folder, "network.json");
  await writeFile(network, formatNetwork(market.network));
  const variables = {
    ...process.env,
    MILLRACE_NETWORK: network,
    MILLRACE_PRIVATE_KEY: toHex(buyer.getHdKey().privateKey!),
    MILLRACE_HOME: market.home,
    ...env,
  };
  const start = (...args: string[]): ChildProcessByStdio<null, Readable, Readable> => {
    const child = spawn(process.execPath, [cli, ...args], {
      cwd: folder,
      env: variables,
      stdio: ["ignore", "pipe", "pipe"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    return child;
  };
  const run = async (...args: string[]) => {
    const child = start(...args);
    const [out, err, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "exit"),
    ]);
    return { out, err, code: code as number };
  };
  const write = async (name: string, content: string) => {
    await writeFile(join(folder, name), content);
    return name;
  };
  return { folder, start, run, write, read: (name: string) => readFile(join(folder, name), "utf8") };
}

describe("millrace", () => {
  test("buys a batch: models, offers, quote, deposit, run, status, results, balance, withdraw", async () => {
    const market = await openMarket({ balance: 0n });
    await market.provider(0);
    await mint(market.network, buyer, 5_000_000n);
    const shell = await openShell(market);
    const file = await shell.write("requests.jsonl", batchFile(prompts(12)));

    expect((await shell.run("models")).out).toContain(modelSpec.name);
    expect((await shell.run("offers")).out).toContain("0.4");
    const quote = JSON.parse((await shell.run("quote", file, "--json")).out);
    expect(quote).toMatchObject({ itemCount: 12, jobs: [{ itemCount: 12 }] });
    expect(BigInt(quote.reserve)).toBeGreaterThanOrEqual(BigInt(quote.worstCost));
    expect((await shell.run("deposit", "2")).out).toContain("deposited 2");

    const run = await shell.run("batch", "run", file, "--out", "results.jsonl", "--json");

    expect(run).toMatchObject({ code: 0 });
    expect(run.err).toContain("requests 1 to 8: taken by");
    const result = JSON.parse(run.out.trim().split("\n").at(-1)!);
    expect(result).toMatchObject({
      items: { total: 12, completed: 12, failed: 0 },
      resultsPath: "results.jsonl",
    });
    const results = await shell.read("results.jsonl");
    expect(
      results
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).custom_id),
    ).toEqual(Array.from({ length: 12 }, (_, i) => `item-${i}`));
    expect((await shell.run("results", result.batchId)).out).toBe(results);
    expect((await shell.run("status")).out).toContain("finished");
    const status = JSON.parse((await shell.run("status", result.batchId, "--json")).out);
    expect(status).toMatchObject({ status: "finished", settlement: result.settlement });
    expect((await shell.run("withdraw", "all")).code).toBe(0);
    const balance = JSON.parse((await shell.run("balance", "--json")).out);
    const { paid, fee } = result.settlement;
    expect(balance).toMatchObject({ free: "0", locked: "0" });
    expect(BigInt(balance.wallet)).toBe(5_000_000n - BigInt(paid) - BigInt(fee));
  });

  test("goes on after kill -9 when run again, and pays once", async () => {
    const market = await openMarket();
    await market.provider(0, { claims: true });
    await market.provider(1);
    const shell = await openShell(market);
    const file = await shell.write("requests.jsonl", batchFile(prompts(60)));
    const first = shell.start("batch", "run", file);
    let said = "";
    for await (const chunk of first.stderr) {
      said += String(chunk);
      if (said.includes("taken by")) break;
    }
    first.kill("SIGKILL");
    await once(first, "exit");

    const second = await shell.run("batch", "run", file, "--out", "results.jsonl", "--json");

    expect(second).toMatchObject({ code: 0, err: expect.stringContaining("resuming") });
    const { settlement, items } = JSON.parse(second.out);
    expect(items).toEqual({ total: 60, completed: 60, failed: 0 });
    const { free, locked } = await market.client().account.balance();
    expect(locked).toBe(0n);
    expect(free).toBe(10n ** 12n - BigInt(settlement.paid) - BigInt(settlement.fee));
  });

  test("stops at Ctrl-C, says how to go on, and exits with 130", async () => {
    const market = await openMarket();
    await market.provider(0, { misdeed: "silence" });
    const shell = await openShell(market);
    const file = await shell.write("requests.jsonl", batchFile(prompts(4)));
    const child = shell.start("batch", "run", file);
    const exit = once(child, "exit");
    let said = "";
    for await (const chunk of child.stderr) {
      const isWorking = said.includes("taken by");
      said += String(chunk);
      if (!isWorking && said.includes("taken by")) child.kill("SIGINT");
    }

    expect((await exit)[0]).toBe(130);
    expect(said).toMatch(/millrace batch resume batch_[0-9a-f]+/);
  });

  test("deposits what is missing when told to", async () => {
    const market = await openMarket({ balance: 0n });
    await market.provider(0);
    await mint(market.network, buyer, 5_000_000n);
    const shell = await openShell(market);
    const file = await shell.write("requests.jsonl", batchFile(prompts(3)));

    const refused = await shell.run("batch", "run", file);
    expect(refused).toMatchObject({
      code: 1,
      err: expect.stringMatching(/insufficient-balance.*\n.*\n.*deposit 0\.000075 .*\n.*\n`millrace deposit/),
    });
    expect(await shell.run("batch", "run", file, "--deposit")).toMatchObject({ code: 0 });
  });

  test("backs a provider, leaves it and gets everything back", async () => {
    const market = await openMarket({ balance: 5_000_000n });
    const provider = providerAccounts[0]!;
    const backers = { abi: backersAbi, address: market.network.backers };
    await send(market.network, provider, { ...backers, functionName: "openPool", args: [1_250] });
    const shell = await openShell(market);

    expect((await shell.run("backing")).out).toBe("The account backs nobody.\n");
    const dear = await shell.run("backing", "add", provider.address, "3", "--max-commission", "12.4");
    expect(dear).toMatchObject({ code: 1, err: expect.stringContaining("[commission-too-high]") });
    const added = await shell.run("backing", "add", provider.address, "3", "--max-commission", "12.5");
    expect(added).toMatchObject({ code: 0, out: `backed ${provider.address} with 3; worth 3 now\n` });
    expect((await shell.run("backing")).out).toMatch(/│ 3 +│ 12\.5 % +│ 0 +│ 0 +│/);
    const left = await shell.run("backing", "leave", provider.address, "1.5");
    expect(left.out).toBe("1.5 is leaving, 1.5 of it payable now\n");
    await shell.run("backing", "leave", provider.address, "all");
    const paid = await shell.run("backing", "withdraw", provider.address);
    expect(paid).toMatchObject({ code: 0, out: "got back 3; 5 is free\n" });
    expect((await shell.run("backing", "withdraw", provider.address)).err).toContain("[nothing-payable]");
    expect(await shell.run("backing", "add", "0x12", "3")).toMatchObject({ code: 2 });
    const odd = await shell.run("backing", "add", provider.address, "1", "--max-commission", "a lot");
    expect(odd).toMatchObject({ code: 2 });
  });

  test("prints errors with their code and hints, and sends nothing", async () => {
    const market = await openMarket({ balance: 0n });
    const shell = await openShell(market);
    const sent = await sentTransactions(market.network, buyer);
    const broken = await shell.write("broken.jsonl", "{}\n");
    const good = await shell.write("good.jsonl", batchFile(prompts(1)));

    expect(await shell.run("quote", broken)).toMatchObject({
      code: 1,
      out: "",
      err: expect.stringMatching(/^error \[malformed-line\].*\nline 1, custom_id/),
    });
    expect(await shell.run("quote", "none.jsonl")).toMatchObject({
      code: 1,
      err: expect.stringContaining("[file-not-found]"),
    });
    expect(await shell.run("batch", "run", good, "--out", "no/such/folder")).toMatchObject({
      code: 1,
      err: expect.stringContaining("[out-not-writable]"),
    });
    expect(await shell.run("batch", "run", good, "--lot-items", "0")).toMatchObject({ code: 2 });
    expect(await shell.run("quote")).toMatchObject({ code: 2 });
    expect(await shell.run("--network", "nowhere", "balance")).toMatchObject({
      code: 1,
      err: expect.stringContaining("[network-not-readable]"),
    });
    expect(await sentTransactions(market.network, buyer)).toBe(sent);
  });

  test("names a chain that is not there", async () => {
    const market = await openMarket({ balance: 0n });
    const shell = await openShell(market);
    await shell.write("network.json", formatNetwork({ ...market.network, rpcUrl: "http://127.0.0.1:1" }));
    const file = await shell.write("good.jsonl", batchFile(prompts(1)));

    expect(await shell.run("batch", "run", file)).toMatchObject({
      code: 1,
      err: expect.stringContaining("[chain-unreachable]"),
    });
  });
});

describe("checks on the command line", () => {
  test("need a model, and do not contradict each other", async () => {
    const market = await openMarket();
    await market.provider(0);
    const shell = await openShell(market);
    await shell.write("requests.jsonl", batchFile(prompts(4)));

    const both = await shell.run("batch", "run", "requests.jsonl", "--no-check", "--check-by-market");
    const missing = await shell.run("batch", "run", "requests.jsonl", "--check-with", "missing.gguf");
    expect(both).toMatchObject({ code: 1, err: expect.stringContaining("error [invalid-option]") });
    expect(missing).toMatchObject({ code: 1, err: expect.stringContaining("error [model-not-found]") });
    const byMarket = ["batch", "run", "requests.jsonl", "--check-by-market"] as const;
    expect(await shell.run(...byMarket, "--check-price-percent", "0")).toMatchObject({ code: 2 });
    expect(await shell.run(...byMarket, "--check-max-cost", "much")).toMatchObject({ code: 2 });
    expect(await market.client().batches.list()).toEqual([]);

    const bounds = ["--check-price-percent", "150", "--check-max-cost", "0.5"];
    const alone = await shell.run(...byMarket, ...bounds, "--json");
    expect(alone.code).toBe(0);
    const result = JSON.parse(alone.out) as { batchId: string; trust: object };
    expect(result.trust).toEqual({ "objective faults only": 4 });
    expect(alone.err).toContain("nobody shows the class of upper-case: objective faults only");
    const { out } = await shell.run("status", "--all", "--json");
    expect(JSON.parse(out)).toMatchObject([{ batchId: result.batchId, purpose: null }]);
    const check = await shell.run("batch", "check", result.batchId);
    expect(check).toMatchObject({ code: 1, err: expect.stringContaining("error [cannot-check]") });
    expect(await shell.run("cases")).toMatchObject({ code: 0, out: "There are no cases.\n" });
  });
});
