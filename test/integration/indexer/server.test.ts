import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type LocalChain, startChain } from "@millrace/devnet";
import { createIndexer, type Indexer } from "@millrace/indexer";
import { formatNetwork } from "@millrace/protocol";
import { openStore, type Store } from "@millrace/provider-agent";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { ask } from "./indexed.ts";

let chain: LocalChain;
/** Faster to start than an embedded store for each. */
let store: Store;
let folder: string;
let indexer: Indexer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-indexer-test-"));
  [chain, store] = await Promise.all([
    startChain(),
    openStore({ folder: join(folder, "store"), fsync: false }),
  ]);
  indexer = await createIndexer({ network: chain.network });
}, 120_000);

afterAll(async () => {
  await indexer?.close();
  await store?.close();
  await chain?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

const HASH = `0x${"ab".repeat(32)}`;

describe("requests", () => {
  test.each([
    ["/v1/models/0x12", "modelId"],
    ["/v1/models/0x12/book", "modelId"],
    [`/v1/models/${HASH}/book?limit=0`, "limit"],
    [`/v1/models/${HASH}/book?limit=1001`, "limit"],
    [`/v1/models/${HASH}/prices?bucketSeconds=0`, "bucketSeconds"],
    [`/v1/models/${HASH}/prices?from=-1`, "from"],
    [`/v1/quotes?modelId=${HASH}&items=1&promptTokens=1`, "outputTokens"],
    [`/v1/quotes?modelId=${HASH}&items=1.5&promptTokens=1&outputTokens=1`, "items"],
    ["/v1/jobs?status=lost", "status"],
    ["/v1/jobs?buyer=0xzz", "buyer"],
    ["/v1/jobs?after=x", "after"],
    ["/v1/jobs/1", "jobId"],
    ["/v1/offers?limit=many", "limit"],
    ["/v1/cases?status=none", "status"],
    ["/v1/cases/1", "caseId"],
    ["/v1/providers/me", "address"],
    ["/v1/accounts/0x", "address"],
    ["/v1/proposals/-1", "proposalId"],
    [`/v1/proposals/${2n ** 256n}`, "proposalId"],
  ])("are refused that do not fit: %s", async (path, field) => {
    const { status, json } = await ask(indexer, path);
    expect(status).toBe(400);
    expect(json()).toEqual({
      error: {
        code: "invalid-request",
        message: expect.any(String),
        hints: [expect.stringMatching(new RegExp(`^${field}: `))],
      },
    });
  });

  test.each([
    [`/v1/models/${HASH}`, "unknown-model"],
    [`/v1/models/${HASH}/book`, "unknown-model"],
    [`/v1/models/${HASH}/prices`, "unknown-model"],
    [`/v1/quotes?modelId=${HASH}&items=1&promptTokens=1&outputTokens=1`, "unknown-model"],
    [`/v1/jobs/${HASH}`, "unknown-job"],
    [`/v1/cases/${HASH}-1`, "unknown-case"],
    [`/v1/providers/0x${"ab".repeat(20)}`, "unknown-provider"],
    ["/v1/proposals/1", "unknown-proposal"],
    ["/v1/nothing", "unknown-route"],
    ["/", "unknown-route"],
    ["//v1/status", "unknown-route"],
    ["/v1/status/", "unknown-route"],
  ])("find nothing where there is nothing: %s", async (path, code) => {
    const { status, json } = await ask(indexer, path);
    expect(status).toBe(404);
    expect(json()).toMatchObject({ error: { code } });
  });

  test.each(["/v1/totals", `/v1/jobs/${HASH}`, "/openapi.json"])(
    "that are no reading are refused: %s",
    async (path) => {
      for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
        const { status, headers, json } = await ask(indexer, path, { method });
        expect(status).toBe(405);
        expect(headers.get("allow")).toBe("GET, HEAD, OPTIONS");
        expect(json()).toMatchObject({ error: { code: "method-not-allowed" } });
      }
    },
  );

  test("for headers alone get those of the reply", async () => {
    const [head, get] = await Promise.all(
      ["HEAD", "GET"].map((method) => ask(indexer, "/v1/totals", { method })),
    );
    expect([head!.status, head!.text]).toEqual([200, ""]);
    expect(head!.headers.get("content-type")).toBe(get!.headers.get("content-type"));
  });

  test("may come from any page in a browser", async () => {
    const { headers } = await ask(indexer, "/v1/status", { headers: { origin: "https://example.org" } });
    expect(headers.get("access-control-allow-origin")).toBe("*");
  });
});

test("/openapi.json describes every route, and each of its references leads somewhere", async () => {
  const { status, text, json } = await ask(indexer, "/openapi.json");
  expect(status).toBe(200);
  const document = json() as {
    openapi: string;
    paths: Record<string, { get: { responses: object } }>;
    components: object;
  };
  expect(document.openapi).toBe("3.1.0");
  expect(Object.keys(document.paths).sort()).toEqual(
    [
      "/v1/accounts/{address}",
      "/v1/cases",
      "/v1/cases/{caseId}",
      "/v1/jobs",
      "/v1/jobs/{jobId}",
      "/v1/live",
      "/v1/models",
      "/v1/models/{modelId}",
      "/v1/models/{modelId}/book",
      "/v1/models/{modelId}/prices",
      "/v1/offers",
      "/v1/parameters",
      "/v1/proposals",
      "/v1/proposals/{proposalId}",
      "/v1/providers",
      "/v1/providers/{address}",
      "/v1/quotes",
      "/v1/stake",
      "/v1/status",
      "/v1/totals",
    ].sort(),
  );
  for (const [path, { get }] of Object.entries(document.paths)) {
    const asked = path.replace("{address}", HASH.slice(0, 42)).replace("{caseId}", `${HASH}-1`);
    const filled = asked.replace("{proposalId}", "1").replaceAll(/\{\w+\}/g, HASH);
    const { status: refused, json: body } = await ask(indexer, `${filled}?unheard=of`);
    expect(refused, path).toBe(400);
    expect(JSON.stringify(body()), path).toContain("unheard");
    if (path !== "/v1/live") expect(Object.keys(get.responses), path).toContain("500");
  }
  const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path!.split("/"));
  expect(references.length).toBeGreaterThan(20);
  for (const path of references) {
    const found = path.reduce<unknown>((at, name) => (at as Record<string, unknown>)?.[name], document);
    expect(found, path.join("/")).toBeTypeOf("object");
  }
});

describe("/graphql", () => {
  const query = (text: string) =>
    ask(indexer, "/graphql", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: text }),
    });

  test("answers", async () => {
    const { json } = await query("{ jobs(limit: 0) { totalCount } }");
    expect(json()).toEqual({ data: { jobs: { totalCount: 0 } } });
  });

  test.each([-1, -5, 1_001])("refuses a limit of %d", async (limit) => {
    const { json } = await query(`{ jobs(limit: ${limit}) { items { jobId } } }`);
    expect(json()).toMatchObject({ errors: [{ message: expect.stringContaining("limit") }] });
  });

  test("refuses more than ten lists at once", async () => {
    const lists = (count: number) =>
      query(`{ ${Array.from({ length: count }, (_, i) => `a${i}: jobs { totalCount }`).join(" ")} }`);
    expect((await lists(10)).json()).toHaveProperty("data");
    expect((await lists(11)).json()).toMatchObject({
      errors: [{ message: expect.stringContaining("Aliases") }],
    });
  });

  test.each(["known", "unknown"])("refuses long bodies of %s length", async (length) => {
    const text = JSON.stringify({ query: `{ jobs { totalCount } } #${" ".repeat(17_000)}` });
    const body = length === "known" ? text : new Blob([text]).stream();
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body, duplex: "half" } as RequestInit;
    const { status, json } = await ask(indexer, "/graphql", init);
    expect(status).toBe(413);
    expect(json()).toMatchObject({ error: { code: "too-long" } });
  });
});

describe("/v1/live", () => {
  test("has room for a thousand, and no more", async () => {
    // Headers alone take no place.
    for (let round = 0; round < 12; round++) {
      await Promise.all(Array.from({ length: 100 }, () => ask(indexer, "/v1/live", { method: "HEAD" })));
    }
    const followers = new AbortController();
    const follow = () => fetch(`${indexer.url}/v1/live`, { signal: followers.signal });
    // All are held to the end: fetch ends a stream whose response nobody holds.
    const answers: Response[] = [];
    for (let round = 0; round < 10; round++) {
      answers.push(...(await Promise.all(Array.from({ length: 100 }, follow))));
    }
    const { status, json } = await ask(indexer, "/v1/live");
    expect(status).toBe(503);
    expect(json()).toMatchObject({ error: { code: "too-many-followers" } });

    expect(answers.filter(({ ok }) => ok)).toHaveLength(1_000);
    followers.abort();
    await expect
      .poll(
        async () => {
          const again = await fetch(`${indexer.url}/v1/live`);
          await again.body?.cancel();
          return again.status;
        },
        { timeout: 30_000 },
      )
      .toBe(200);
  });
});

describe("createIndexer", () => {
  test("says why it could not start, with the end of the log", async () => {
    // Ponder takes no longer names.
    const failing = createIndexer({ network: chain.network, schema: "x".repeat(80), logLevel: "silent" });
    await expect(failing).rejects.toMatchObject({
      code: "indexer-failed",
      details: expect.stringContaining("Schema name"),
    });
  });

  test("gives up when told to, and leaves nothing behind", async () => {
    // A node that never answers.
    const node = createServer(() => {}).listen(0, "127.0.0.1");
    await once(node, "listening");
    const asked = once(node, "request");
    const rpcUrl = `http://127.0.0.1:${(node.address() as { port: number }).port}`;
    vi.stubEnv("TMPDIR", folder);
    const interrupt = new AbortController();
    const starting = createIndexer({ network: { ...chain.network, rpcUrl }, signal: interrupt.signal });
    await asked;
    interrupt.abort(new Error("enough"));
    await expect(starting).rejects.toThrow("enough");
    node.closeAllConnections();
    node.close();
    expect(await readdir(folder)).not.toContainEqual(expect.stringMatching(/^millrace-indexer-/));
    vi.unstubAllEnvs();
  });

  test("ends with who started it", async () => {
    const program = `
      import { createIndexer } from "@millrace/indexer";
      import { parseNetwork } from "@millrace/protocol";
      const network = parseNetwork(process.env.NETWORK);
      const { url, process: child } = await createIndexer({ network, databaseUrl: process.env.STORE });
      console.log(JSON.stringify({ url, pid: child.pid }));
      setInterval(() => {}, 1e6);
    `;
    const starter = spawn(process.execPath, ["--input-type=module", "--eval", program], {
      cwd: fileURLToPath(new URL("./", import.meta.url)),
      env: { ...process.env, NETWORK: formatNetwork(chain.network), STORE: store.connectionString },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(createInterface({ input: starter.stdout }), "line")) as [string];
    const { url, pid } = JSON.parse(line) as { url: string; pid: number };
    expect((await ask({ url }, "/v1/status")).status).toBe(200);
    starter.kill("SIGKILL");
    await expect.poll(() => isAlive(pid), { timeout: 30_000 }).toBe(false);
  }, 120_000);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test("the command line serves until it is stopped", async () => {
  const network = join(folder, "network.json");
  await writeFile(network, formatNetwork(chain.network));
  const cli = fileURLToPath(new URL("./cli.ts", import.meta.resolve("@millrace/indexer")));
  const flags = ["--port", "0", "--schema", "by_hand", "--log-level", "warn"];
  const child = spawn(process.execPath, [cli, ...flags], {
    env: { ...process.env, MILLRACE_NETWORK: network, DATABASE_URL: store.connectionString },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const url = /^Indexer (http:\/\/127\.0\.0\.1:\d+)$/.exec(line)?.[1];
  expect((await ask({ url: url! }, "/v1/totals")).status).toBe(200);
  const exited = once(child, "exit");
  child.kill("SIGINT");
  expect(await exited).toEqual([0, null]);
}, 120_000);
