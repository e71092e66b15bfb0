import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ChatRequest, createLlamaEngine, type Engine, type LlamaEngineOptions } from "@millrace/engine";
import { type GgufValue, readGguf, readTensor, writeGguf } from "@millrace/engine/gguf";
import { MillraceError } from "@millrace/protocol";
import { expect, onTestFinished } from "vitest";

/** The shipped model: 512 tokens of context, ChatML, byte-level BPE. */
export const modelPath = fileURLToPath(
  new URL("../../models/tinystory-chat-2.8m-q8_0.gguf", import.meta.url),
);
export const modelSha256 = "0x46ddcfd69157e3701513beda7cf263db3eaf8abb754e792b7ecb9635c81be746";
export const contextTokens = 512;

/** An engine with fixed settings, so that nothing depends on the machine. Close it, or use `await using`. */
export function openEngine(options: Partial<LlamaEngineOptions> = {}): Promise<Engine> {
  return createLlamaEngine({ modelPath, threads: 1, sequences: 4, gpu: false, ...options });
}

/** A greedy request of one user message. */
export function ask(content: string, request: Partial<ChatRequest> = {}): ChatRequest {
  return { messages: [{ role: "user", content }], temperature: 0, ...request };
}

/** Keeps the model writing for longer than the context is: a list that may not end before its thousandth item. */
export const endless: Partial<ChatRequest> = {
  response_format: {
    type: "json_schema",
    json_schema: { schema: { type: "array", items: { type: "boolean" }, minItems: 1_000 } },
  },
};

export async function expectCode(work: Promise<unknown>, code: string): Promise<MillraceError> {
  const error = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(error instanceof MillraceError)) throw new Error(`expected a MillraceError, got ${String(error)}`);
  expect(error.code).toBe(code);
  return error;
}

/** A folder that goes away with the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-engine-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Copies the shipped model with other metadata; `undefined` removes a key. */
export async function writeModelVariant(
  path: string,
  changes: Record<string, GgufValue | undefined>,
): Promise<void> {
  const { metadata, tensors } = await readGguf(modelPath);
  for (const [key, value] of Object.entries(changes)) {
    if (value) metadata.set(key, value);
    else metadata.delete(key);
  }
  await writeGguf(path, {
    metadata,
    tensors: tensors.map((tensor) => ({ ...tensor, data: () => readTensor(modelPath, tensor) })),
  });
}
