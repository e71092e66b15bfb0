import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { access, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseNetwork } from "@millrace/protocol";
import { afterEach, expect, test } from "vitest";

const cli = fileURLToPath(new URL("../../../devnet/src/cli.ts", import.meta.url));

let running: ChildProcess | undefined;
afterEach(async () => {
  if (!running || running.exitCode !== null || running.signalCode !== null) return;
  running.kill("SIGTERM");
  await once(running, "exit");
});

/** Starts `dev` and reads from what it prints where everything is. */
async function startDev() {
  const child = spawn(process.execPath, [cli, "dev"], { stdio: ["ignore", "pipe", "inherit"] });
  running = child;
  let text = "";
  for await (const line of createInterface({ input: child.stdout })) {
    text += `${line}\n`;
    if (line.startsWith("Ctrl-C")) break;
  }
  child.stdout.resume();
  const networkPath = /MILLRACE_NETWORK=(\S+)/.exec(text)![1]!;
  const statusUrls = [...text.matchAll(/http\S+\/status/g)].map(([url]) => url);
  const dashboardUrl = /^ {2}(http\S+)$/m.exec(text)![1]!;
  const network = parseNetwork(await readFile(networkPath, "utf8"));
  return { child, networkPath, statusUrls, dashboardUrl, network };
}

const answers = (url: string) =>
  fetch(url).then(
    (response) => response.ok,
    () => false,
  );
const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

test("dev runs a whole network until Ctrl-C, and leaves nothing behind", async () => {
  const { child, networkPath, statusUrls, dashboardUrl, network } = await startDev();
  expect(statusUrls).toHaveLength(2);
  const indexed = new URL("/v1/status", network.indexers![0]).href;
  for (const url of [...statusUrls, new URL("/healthz", network.relays[0]).href, indexed, dashboardUrl]) {
    expect([url, await answers(url)]).toEqual([url, true]);
  }

  child.kill("SIGINT");
  const [code] = await once(child, "exit");
  expect(code).toBe(0);
  for (const url of [...statusUrls, network.rpcUrl, network.relays[0]!, indexed, dashboardUrl]) {
    expect([url, await answers(url)]).toEqual([url, false]);
  }
  expect(await exists(dirname(networkPath))).toBe(false);
});

test("agents end with a killed dev, and the next one removes what it left", async () => {
  const killed = await startDev();
  const folder = dirname(killed.networkPath);
  const indexed = new URL("/v1/status", killed.network.indexers![0]).href;
  killed.child.kill("SIGKILL");
  await once(killed.child, "exit");
  for (const url of [...killed.statusUrls, indexed])
    await expect.poll(() => answers(url), { timeout: 20_000 }).toBe(false);
  expect(await exists(folder)).toBe(true);
  const postmaster = Number(
    (await readFile(join(folder, "store/data/postmaster.pid"), "utf8")).split("\n")[0],
  );

  const next = await startDev();
  expect(await exists(folder)).toBe(false);
  expect(() => process.kill(postmaster, 0)).toThrow("ESRCH");
  next.child.kill("SIGINT");
  await once(next.child, "exit");
});
