import { mkdir, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { MillraceError } from "@millrace/protocol";
import { resolveModelFile } from "node-llama-cpp";
import { type EngineErrorCode, throwIfAborted } from "./errors.ts";
import { assertModelHash, readModelInfo } from "./modelInfo.ts";

export interface ResolveModelOptions {
  /** Where downloads are kept and looked for. Created if it is not there. */
  folder: string;
  /** Expected hash; any other file is refused. */
  sha256?: `0x${string}`;
  signal?: AbortSignal;
  /** Called while downloading. */
  onProgress?: (progress: { downloadedBytes: number; totalBytes: number }) => void;
}

/**
 * Gives the local path of a model named by a path, a `file:` URI, an `hf:` URI or an `https:` URL; the last two are
 * downloaded into `folder` unless they are already there.
 *
 * @throws MillraceError `model-not-found`, `not-a-gguf`, `model-hash-mismatch`, `model-download-failed`, or `aborted`
 * @example
 * await resolveModel("hf:bartowski/Llama-3.2-1B-Instruct-GGUF:Q8_0", { folder: "models" });
 * @see https://node-llama-cpp.withcat.ai/guide/downloading-models#model-uris
 */
export async function resolveModel(uriOrPath: string, options: ResolveModelOptions): Promise<string> {
  throwIfAborted(options.signal);
  const path = isRemote(uriOrPath) ? await download(uriOrPath, options) : await localFile(uriOrPath);
  if (options.sha256 !== undefined) assertModelHash(await readModelInfo(path), options.sha256);
  return path;
}

function isRemote(uriOrPath: string): boolean {
  return /^(hf:|huggingface:|hf\.co\/|huggingface\.co\/|https?:)/.test(uriOrPath);
}

async function localFile(uriOrPath: string): Promise<string> {
  const path = uriOrPath.startsWith("file:") ? fileURLToPath(uriOrPath) : resolve(uriOrPath);
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return path;
  throw new MillraceError("There is no model file at this path.", {
    code: "model-not-found" satisfies EngineErrorCode,
    details: path,
    hints: ["Give a path to a .gguf file, or a URI such as hf:user/model:Q8_0."],
  });
}

async function download(uri: string, { folder, signal, onProgress }: ResolveModelOptions): Promise<string> {
  await mkdir(folder, { recursive: true });
  try {
    return await resolveModelFile(uri, {
      directory: resolve(folder),
      cli: false,
      ...(signal && { signal }),
      ...(onProgress && {
        onProgress: ({ downloadedSize, totalSize }) =>
          onProgress({ downloadedBytes: downloadedSize, totalBytes: totalSize }),
      }),
    });
  } catch (cause) {
    throwIfAborted(signal);
    throw new MillraceError("The model could not be downloaded.", {
      code: "model-download-failed" satisfies EngineErrorCode,
      retryable: true,
      details: `${uri}: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    });
  }
}
