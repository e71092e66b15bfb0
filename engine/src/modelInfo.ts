import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { MillraceError } from "@millrace/protocol";
import { GgmlType, type GgufFileInfo, GgufFileType, readGgufFileInfo } from "node-llama-cpp";
import type { EngineErrorCode } from "./errors.ts";

export interface ModelInfo {
  /** The file's name without `.gguf`. */
  name: string;
  path: string;
  /** Over the file's bytes; of a split model, over the bytes of all parts in order. */
  sha256: `0x${string}`;
  sizeBytes: number;
  /** llama.cpp's name for it, such as `Q8_0`. */
  quantization: string;
  /** The context the model was trained with. */
  contextTokens: number;
  parameters: number;
  /** sha256 of the chat template's UTF-8 text; zero if the file carries none. */
  chatTemplateHash: `0x${string}`;
  /** As the file declares it; `unknown` otherwise. */
  licence: string;
  architecture: string;
}

const zeroHash = `0x${"0".repeat(64)}` as const;

/**
 * Reads a GGUF file's metadata without loading its weights.
 *
 * @throws MillraceError `model-not-found` or `not-a-gguf`
 * @see https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
export async function readModelInfo(path: string): Promise<ModelInfo> {
  const absolutePath = resolve(path);
  await assertGguf(absolutePath);
  const gguf = await parseGguf(absolutePath);
  const files = modelFiles(absolutePath);
  const sizes = (await Promise.all(files.map((file) => stat(file)))).map(({ size }) => size);
  for (const { filePart, fileOffset } of gguf.fullTensorInfo ?? []) {
    if (Number(fileOffset) >= sizes[filePart - 1]!)
      throw notGguf(absolutePath, new Error("its end is missing"));
  }
  const { general, tokenizer } = gguf.metadata;
  const template = tokenizer?.chat_template;
  return {
    name: basename(absolutePath).replace(/\.gguf$/i, ""),
    path: absolutePath,
    sha256: await hashFiles(files),
    sizeBytes: sizes.reduce((sum, size) => sum + size, 0),
    quantization: quantizationOf(gguf),
    contextTokens: Number(gguf.architectureMetadata.context_length ?? 0),
    parameters: (gguf.fullTensorInfo ?? []).reduce(
      (sum, { dimensions }) => sum + dimensions.reduce<number>((product, size) => product * Number(size), 1),
      0,
    ),
    chatTemplateHash: template ? `0x${createHash("sha256").update(template).digest("hex")}` : zeroHash,
    licence: general.license ?? "unknown",
    architecture: general.architecture,
  };
}

/** @throws MillraceError `model-hash-mismatch` */
export function assertModelHash(info: ModelInfo, expected: `0x${string}`): void {
  if (info.sha256 === expected.toLowerCase()) return;
  throw new MillraceError("The model file is not the expected one.", {
    code: "model-hash-mismatch" satisfies EngineErrorCode,
    details: `${info.path} has sha256 ${info.sha256}, expected ${expected}`,
    hints: ["Get the file again, or point at the right one."],
  });
}

async function assertGguf(path: string): Promise<void> {
  const magic = new Uint8Array(4);
  try {
    await using file = await open(path);
    await file.read(magic);
  } catch (cause) {
    throw new MillraceError("There is no readable model file at this path.", {
      code: "model-not-found" satisfies EngineErrorCode,
      details: path,
      cause,
    });
  }
  if (Buffer.from(magic).toString("latin1") !== "GGUF") throw notGguf(path);
}

async function parseGguf(path: string): Promise<GgufFileInfo> {
  let gguf: GgufFileInfo;
  try {
    gguf = await readGgufFileInfo(path, { logWarnings: false, sourceType: "filesystem" });
  } catch (cause) {
    throw notGguf(path, cause);
  }
  // The parser takes a header that ends early for one without entries.
  if (gguf.metadata.general?.architecture === undefined) throw notGguf(path);
  return gguf;
}

function notGguf(path: string, cause?: unknown): MillraceError {
  return new MillraceError("This file is not a GGUF model, or it is damaged.", {
    code: "not-a-gguf" satisfies EngineErrorCode,
    details: path,
    hints: ["Millrace runs llama.cpp models: files that end in .gguf."],
    cause,
  });
}

/** All parts of a split model (`name-00001-of-00003.gguf`), else the one file. */
function modelFiles(path: string): string[] {
  const split = /^(?<stem>.+)-\d{5}-of-(?<count>\d{5})\.gguf$/.exec(basename(path))?.groups;
  if (!split) return [path];
  const part = (index: number) =>
    `${split.stem}-${String(index + 1).padStart(5, "0")}-of-${split.count}.gguf`;
  return Array.from({ length: Number(split.count) }, (_, index) => join(dirname(path), part(index)));
}

function quantizationOf(gguf: GgufFileInfo): string {
  const declared = gguf.metadata.general.file_type;
  const name: string | undefined = declared === undefined ? undefined : GgufFileType[declared];
  return name?.replace(/^(MOSTLY|ALL)_/, "") ?? dominantTensorType(gguf);
}

function dominantTensorType(gguf: GgufFileInfo): string {
  const elements = new Map<GgmlType, number>();
  for (const { ggmlType, dimensions } of gguf.fullTensorInfo ?? []) {
    const count = dimensions.reduce<number>((product, size) => product * Number(size), 1);
    elements.set(ggmlType, (elements.get(ggmlType) ?? 0) + count);
  }
  const [largest] = [...elements].sort(([, a], [, b]) => b - a);
  return largest ? (GgmlType[largest[0]] ?? "unknown") : "unknown";
}

/** Hashing gigabytes takes seconds; a file is hashed once for as long as its size and time of change stay. */
const hashes = new Map<string, Promise<`0x${string}`>>();

async function hashFiles(files: readonly string[]): Promise<`0x${string}`> {
  const stats = await Promise.all(files.map((file) => stat(file)));
  const key = files.map((file, index) => `${file}:${stats[index]!.size}:${stats[index]!.mtimeMs}`).join("|");
  let hash = hashes.get(key);
  if (!hash) {
    hash = sha256Of(files);
    hashes.set(key, hash);
    // A failure is not cached, so that the next call reads again.
    hash.catch(() => hashes.delete(key));
  }
  return hash;
}

async function sha256Of(files: readonly string[]): Promise<`0x${string}`> {
  const hash = createHash("sha256");
  for (const file of files) {
    for await (const chunk of createReadStream(file, { highWaterMark: 4 << 20 })) hash.update(chunk);
  }
  return `0x${hash.digest("hex")}`;
}
