import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** Replaces a file whole: readers, also after a crash, see the old content or the new. On disk when this resolves. */
export async function writeFileAtomically(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.draft`;
  const file = await open(draft, "w", 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  await syncFolder(dirname(path));
}

/** A rename or a new file is durable once its folder is. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The file's text, or undefined if there is none. */
export async function readTextIfAny(path: string): Promise<string | undefined> {
  return (await readBytesIfAny(path))?.toString("utf8");
}

export async function readBytesIfAny(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * JSON with bigints written as `{"$bigint":"…"}`, so that amounts survive the round trip.
 */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, v) => (typeof v === "bigint" ? { $bigint: v.toString() } : v));
}

export function fromJson<T>(json: string): T {
  return JSON.parse(json, (_, v) =>
    typeof v === "object" && v !== null && typeof v.$bigint === "string" ? BigInt(v.$bigint) : v,
  ) as T;
}

/** Removes a lot's folder; harmless if it is gone. */
export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });
