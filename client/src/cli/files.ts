import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { access, constants, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { MillraceError } from "@millrace/protocol";

/**
 * Opens a batch file; `-` is standard input.
 *
 * @throws MillraceError `file-not-found`
 */
export async function readInput(path: string): Promise<AsyncIterable<Uint8Array>> {
  if (path === "-") return process.stdin;
  try {
    const file = await open(path);
    await file.close();
    if (!(await stat(path)).isFile()) throw new Error("It is not a file.");
  } catch (cause) {
    throw new MillraceError(`There is no readable file at ${path}.`, { code: "file-not-found", cause });
  }
  return createReadStream(path);
}

/**
 * Checks that results can be written, before anything is paid for them.
 *
 * @throws MillraceError `out-not-writable`
 */
export async function checkOutput(path: string | undefined): Promise<void> {
  if (path === undefined || path === "-") return;
  try {
    await access(dirname(path), constants.W_OK);
    if ((await stat(path).catch(() => undefined))?.isDirectory()) throw new Error("It is a folder.");
  } catch (cause) {
    throw new MillraceError(`Results cannot be written to ${path}.`, {
      code: "out-not-writable",
      hints: ["Name a file in a folder that exists and is yours, with --out."],
      cause,
    });
  }
}

/** Writes lines to a file, which appears whole or not at all; `-` is standard output. */
export async function writeOutput(path: string, lines: AsyncIterable<string>): Promise<void> {
  const withLineEnds = async function* () {
    for await (const line of lines) yield `${line}\n`;
  };
  if (path === "-") return pipeline(withLineEnds, process.stdout, { end: false });
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    await pipeline(withLineEnds, createWriteStream(draft));
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
