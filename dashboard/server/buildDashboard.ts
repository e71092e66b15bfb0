import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { glob, mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type LogLevel } from "vite";

const root = fileURLToPath(new URL("../", import.meta.url));
/** What goes into the pages. The lock file stands for every package. */
const sources = [
  "dashboard/{src,public}/**/*.*",
  "dashboard/{index.html,vite.config.ts,package.json}",
  "{client,protocol,engine}/src/**/*.ts",
  "package-lock.json",
];
/** A server of an older build may still be giving it out. */
const KEEP_MS = 24 * 3_600_000;

/**
 * Builds the pages, unless these very sources were built before. Any number of processes may do so at once.
 *
 * @param logLevel Vite's. Default: "error".
 * @returns the folder to serve
 */
export async function buildDashboard({ logLevel = "error" }: { logLevel?: LogLevel } = {}): Promise<string> {
  const dist = join(root, "dist");
  const folder = join(dist, await checksum());
  if (existsSync(folder)) return folder;

  const outDir = join(dist, `building-${randomUUID()}`);
  await mkdir(outDir, { recursive: true });
  try {
    await inProduction(() => build({ root, logLevel, build: { outDir, emptyOutDir: false } }));
    await rename(outDir, folder);
  } catch (error) {
    await rm(outDir, { recursive: true, force: true });
    // Another process was faster, with the same.
    if (!existsSync(folder)) throw error;
  }
  await removeOld(dist, folder);
  return folder;
}

/** Vite takes the variable for what React is to be, whatever mode it is told: tests have another. */
async function inProduction<T>(work: () => Promise<T>): Promise<T> {
  const { NODE_ENV } = process.env;
  process.env.NODE_ENV = "production";
  try {
    return await work();
  } finally {
    if (NODE_ENV === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = NODE_ENV;
  }
}

async function checksum(): Promise<string> {
  const project = join(root, "..");
  const paths: string[] = [];
  for await (const path of glob(sources, { cwd: project })) paths.push(path);
  const hash = createHash("sha256");
  for (const path of paths.sort()) {
    if (!(await stat(join(project, path))).isFile()) continue;
    const content = await readFile(join(project, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex").slice(0, 16);
}

/** Old builds, and those that were interrupted. */
async function removeOld(dist: string, current: string): Promise<void> {
  for (const name of await readdir(dist)) {
    const folder = join(dist, name);
    if (folder === current) continue;
    const age = await stat(folder).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > KEEP_MS) await rm(folder, { recursive: true, force: true });
  }
}
