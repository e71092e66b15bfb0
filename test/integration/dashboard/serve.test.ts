import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { buildDashboard, type Dashboard, serveDashboard } from "@millrace/dashboard";
import { formatNetwork, parseNetwork } from "@millrace/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { network } from "../../dashboard/fixture.ts";

describe("serveDashboard", () => {
  let dashboard: Dashboard;
  beforeAll(async () => {
    dashboard = await serveDashboard({ network });
  }, 120_000);
  afterAll(() => dashboard.close());

  test("tells the pages their network", async () => {
    const response = await fetch(`${dashboard.url}/config.json`);
    expect(parseNetwork(await response.text())).toEqual(network);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test("answers every page's path with the same document", async () => {
    const home = await (await fetch(dashboard.url)).text();
    expect(home).toContain('<div id="root">');
    const deep = await fetch(`${dashboard.url}/providers/0x70997970C51812dc3A010C7d01b50e0d17dc79C8`);
    expect(deep.status).toBe(200);
    expect(await deep.text()).toBe(home);
  });

  test("serves what the document names, for good, and nothing in place of what is missing", async () => {
    const html = await (await fetch(dashboard.url)).text();
    const [, script] = /src="(\/assets\/[^"]+\.js)"/.exec(html) ?? [];
    const response = await fetch(`${dashboard.url}${script}`);
    expect(response.headers.get("content-type")).toContain("javascript");
    expect(response.headers.get("cache-control")).toContain("immutable");
    expect((await fetch(`${dashboard.url}/assets/none.js`)).status).toBe(404);
  });

  test("lets the pages reach the network's addresses, and no others", async () => {
    const { headers } = await fetch(`${dashboard.url}/jobs`);
    const policy = headers.get("content-security-policy") ?? "";
    const directives = new Map(
      policy.split("; ").map((part) => [part.split(" ")[0], part.split(" ").slice(1)]),
    );
    expect(directives.get("connect-src")).toEqual([
      "'self'",
      "http://127.0.0.1:18545",
      "http://127.0.0.1:17420",
      "https://indexer.example",
    ]);
    expect(directives.get("default-src")).toEqual(["'none'"]);
    expect(directives.get("frame-ancestors")).toEqual(["'none'"]);
    expect(directives.get("script-src")).not.toContain("'unsafe-inline'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("x-powered-by")).toBeNull();
  });

  test("holds no script of its own in the document", async () => {
    const html = await (await fetch(dashboard.url)).text();
    const scripts = [...html.matchAll(/<script([^>]*)>([^<]*)/g)];
    expect(scripts.length).toBeGreaterThan(0);
    for (const [, attributes, content] of scripts) {
      expect(attributes).toContain("src=");
      expect(content).toBe("");
    }
  });

  test("says so when its port is taken", async () => {
    const port = Number(new URL(dashboard.url).port);
    await expect(serveDashboard({ network, port })).rejects.toMatchObject({ code: "port-in-use" });
  });

  test("closes twice as well as once", async () => {
    const other = await serveDashboard({ network });
    await Promise.all([other.close(), other.close()]);
    await expect(fetch(other.url)).rejects.toThrow();
  });
});

describe("buildDashboard", () => {
  test("builds the same sources once, however often and by however many", async () => {
    const folder = await buildDashboard();
    const { mtimeMs } = await stat(join(folder, "index.html"));
    expect(await Promise.all([buildDashboard(), buildDashboard()])).toEqual([folder, folder]);
    expect((await stat(join(folder, "index.html"))).mtimeMs).toBe(mtimeMs);
  });

  test("lets two builds run beside each other", async () => {
    const folder = await buildDashboard();
    await rm(folder, { recursive: true });
    expect(await Promise.all([buildDashboard(), buildDashboard()])).toEqual([folder, folder]);
    expect((await stat(join(folder, "index.html"))).isFile()).toBe(true);
  });
});

test("the command serves until it is told to end", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dashboard-test-"));
  try {
    const path = join(folder, "network.json");
    await writeFile(path, formatNetwork(network));
    const cli = fileURLToPath(new URL("../../../dashboard/server/cli.ts", import.meta.url));
    const child = spawn(process.execPath, [cli, "--network", path, "--port", "0"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(createInterface(child.stdout!), "line")) as [string];
    const url = line.replace("Dashboard ", "");
    expect((await fetch(`${url}/config.json`)).status).toBe(200);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
