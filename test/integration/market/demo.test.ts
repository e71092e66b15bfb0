import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { DemoReport } from "@millrace/devnet";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const cli = fileURLToPath(new URL("../../../devnet/src/cli.ts", import.meta.url));
const requestsPath = fileURLToPath(new URL("../../../devnet/requests.jsonl", import.meta.url));

interface OutputLine {
  custom_id: string;
  response: { status_code: number; body: { choices?: { message: { content: string } }[] } } | null;
  error: { code: string } | null;
}

const readLines = async <T>(path: string): Promise<T[]> =>
  (await readFile(path, "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as T);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "demo-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the demo as a user does, from a folder that is not the project's. */
async function runDemo(...args: string[]): Promise<DemoReport> {
  const { stdout } = await promisify(execFile)(process.execPath, [cli, "demo", "--json", ...args], {
    cwd: folder,
  });
  return JSON.parse(stdout.trimEnd().split("\n").at(-1)!) as DemoReport;
}

describe("the demo", () => {
  test("answers the shipped batch, pays both providers, and accounts for every base unit", async () => {
    const out = join(folder, "results.jsonl");
    const report = await runDemo("--out", out);
    const asked = await readLines<{ custom_id: string }>(requestsPath);
    const answered = await readLines<OutputLine>(out);

    expect(asked.length).toBeGreaterThanOrEqual(200);
    expect(answered.map(({ custom_id }) => custom_id)).toEqual(asked.map(({ custom_id }) => custom_id));
    const failed = answered.filter(({ error }) => error !== null);
    expect(failed.map(({ custom_id, error }) => [custom_id, error?.code])).toEqual([
      ["too-long-for-the-model", "invalid-input"],
    ]);
    for (const { custom_id, response } of answered.filter(({ error }) => error === null)) {
      const text = response!.body.choices![0]!.message.content;
      if (custom_id.startsWith("json-")) expect(Object.keys(JSON.parse(text))).toEqual(["answer", "sure"]);
      if (custom_id.startsWith("review-good")) expect(text).toBe("positive");
    }

    expect(report.items).toEqual({ total: asked.length, completed: asked.length - 1, failed: 1 });
    expect(report.lots.settled).toBe(report.lots.total);
    expect(report.tokens.out).toBeGreaterThan(asked.length);
    const { deposited, paid, fee, refunded, buyerEnd } = report.asset;
    expect(BigInt(deposited)).toBe(BigInt(paid) + BigInt(fee) + BigInt(refunded));
    // The buyer began with 1,000 TestUSD.
    expect(BigInt(buyerEnd)).toBe(1_000_000_000n - BigInt(paid) - BigInt(fee));
    expect(report.providers).toHaveLength(2);
    expect(report.providers.reduce((sum, { items }) => sum + items, 0)).toBe(asked.length);
    expect(report.providers.reduce((sum, { earned }) => sum + BigInt(earned), 0n)).toBe(BigInt(paid));
    for (const { items } of report.providers) expect(items).toBeGreaterThan(0);
  });

  test("takes a file and a model of the user's, and one provider", async () => {
    const file = join(folder, "mine.jsonl");
    const line = (id: string, content: string) =>
      JSON.stringify({
        custom_id: id,
        method: "POST",
        url: "/v1/chat/completions",
        body: { model: "gpt-4o-mini", messages: [{ role: "user", content }], max_tokens: 16 },
      });
    await writeFile(file, `${line("b", "Hello!")}\n${line("a", "Tell me a story about a dog.")}\n`);
    const model = fileURLToPath(new URL("../../../models/tinystory-chat-2.8m-f16.gguf", import.meta.url));
    const out = join(folder, "mine-results.jsonl");
    const report = await runDemo("--requests", file, "--model", model, "--providers", "1", "--out", out);
    expect(report.items).toEqual({ total: 2, completed: 2, failed: 0 });
    expect(report.providers).toHaveLength(1);
    expect((await readLines<OutputLine>(out)).map(({ custom_id }) => custom_id)).toEqual(["b", "a"]);
  });

  test("says which port is taken, and by which option to choose another", async () => {
    await using server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    for (const flag of ["--chain-port", "--relay-port"]) {
      const failure = await runDemo(flag, String(port)).catch((error: { stderr: string }) => error);
      expect((failure as { stderr: string }).stderr).toMatch(new RegExp(`\\[port-in-use\\].*\n.*${flag}`));
    }
  });

  test.each([
    ["a file that is not there", ["--requests", "/nowhere.jsonl"], "file-not-found"],
    ["a model that is no GGUF", ["--model", requestsPath], "not-a-gguf"],
    ["three providers", ["--providers", "3"], "invalid-option"],
  ])("refuses %s, and says so", async (_, args, code) => {
    const failure = await runDemo(...args).then(
      () => undefined,
      (error: { code: number; stderr: string }) => error,
    );
    expect(failure?.code).toBe(1);
    expect(failure?.stderr).toContain(`[${code}]`);
  });
});
