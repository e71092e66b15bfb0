import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const run = promisify(execFile);

interface LockedPackage {
  resolved?: string;
  link?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
}

let folder: string;
let lock: string;
let packages: Record<string, LockedPackage>;

beforeAll(async () => {
  lock = await readFile(join(root, "package-lock.json"), "utf8");
  ({ packages } = JSON.parse(lock) as { packages: Record<string, LockedPackage> });
  folder = await mkdtemp(join(tmpdir(), "millrace-install-"));
  const { workspaces } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
    workspaces: string[];
  };
  const manifests = workspaces.map((workspace) => `${workspace}/package.json`);
  for (const file of ["package.json", "package-lock.json", ".npmrc", ...manifests]) {
    await cp(join(root, file), join(folder, file));
  }
  // The launcher's npm where it brought one, else the one on the path, which it found to fit.
  const own = join(root, ".node/node_modules/npm/bin/npm-cli.js");
  const [command, ...args] = existsSync(own) ? [process.execPath, own] : ["npm"];
  await run(command!, [...args, "ci", "--include=dev", "--prefer-offline"], {
    cwd: folder,
    maxBuffer: 2 ** 26,
  });
}, 300_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

test("the lock file names no registry, so that any serves", () => {
  const registries = Object.entries(packages).filter(
    ([, { resolved, link }]) => resolved !== undefined && !link,
  );
  expect(registries).toEqual([]);
});

test("npm ci into an empty folder brings every package that is locked for this platform", () => {
  const missing = Object.entries(packages)
    .filter(([path, locked]) => path !== "" && isForThisPlatform(path, locked))
    .filter(([path]) => !existsSync(join(folder, path)))
    .map(([path]) => path);
  expect(missing).toEqual([]);
});

test("and leaves the lock file as it was", async () => {
  expect(await readFile(join(folder, "package-lock.json"), "utf8")).toBe(lock);
});

test.each(["vitest", "hardhat", "biome", "tsc"])(
  "%s runs from there, native parts included",
  async (program) => {
    const { stdout } = await run(join(folder, "node_modules/.bin", program), ["--version"], { cwd: folder });
    expect(stdout).toMatch(/\d+\.\d+\.\d+/);
  },
);

/** Optional packages without a platform hang from others that may not be wanted; those with one are native parts. */
function isForThisPlatform(path: string, { optional, os, cpu }: LockedPackage): boolean {
  if (os === undefined && cpu === undefined) return !optional;
  if (path.includes("musl") || path.includes("wasm32")) return false;
  return (
    (os ?? [process.platform]).includes(process.platform) && (cpu ?? [process.arch]).includes(process.arch)
  );
}
