import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatNetwork } from "@millrace/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readConfig } from "../../dashboard/server/config.ts";
import { network } from "./fixture.ts";

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dashboard-test-"));
  path = join(folder, "network.json");
  await writeFile(path, formatNetwork(network));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each<[string, Record<string, unknown>, Record<string, string>]>([
  ["no network", {}, {}],
  ["a port that is no number", { network: "x", port: "a" }, {}],
  ["a port beyond 16 bits", { network: "x" }, { DASHBOARD_PORT: "65536" }],
])("%s is refused", async (_name, flags, env) => {
  await expect(readConfig(flags, env)).rejects.toMatchObject({ code: "invalid-option" });
});

test("a network that is not there is refused", async () => {
  await expect(readConfig({ network: join(folder, "none") }, {})).rejects.toMatchObject({
    code: "network-not-readable",
  });
});

test("flags win over the environment, the environment over defaults", async () => {
  const env = { MILLRACE_NETWORK: path, DASHBOARD_PORT: "1", DASHBOARD_HOST: "0.0.0.0" };
  expect(await readConfig({ port: "2" }, env)).toEqual({ network, port: 2, host: "0.0.0.0" });
  expect(await readConfig({}, { MILLRACE_NETWORK: path })).toEqual({
    network,
    port: 7_440,
    host: "127.0.0.1",
  });
});
