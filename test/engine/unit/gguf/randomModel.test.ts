import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readModelInfo } from "@millrace/engine";
import { type LlamaShape, writeRandomModel } from "@millrace/engine/gguf";
import { expect, test } from "vitest";
import { modelPath, temporaryFolder } from "../../fixture.ts";

test("a random model has the shape asked for, and the same bytes for the same seed", async () => {
  const folder = await temporaryFolder();
  const shape: LlamaShape = {
    layers: 2,
    width: 64,
    heads: 2,
    kvHeads: 1,
    feedForwardWidth: 128,
    contextTokens: 256,
  };
  const write = async (name: string, seed: number) => {
    const path = join(folder, name);
    await writeRandomModel(path, { tokenizerFrom: modelPath, shape, seed });
    return path;
  };
  const first = await write("a.gguf", 1);
  expect(await readModelInfo(first)).toMatchObject({
    architecture: "llama",
    contextTokens: 256,
    quantization: "Q8_0",
    parameters: 64 * 2_048 + 2 * (2 * 64 + 2 * 64 * 64 + 2 * 64 * 32 + 3 * 64 * 128) + 64,
  });
  expect(Buffer.compare(await readFile(first), await readFile(await write("b.gguf", 1)))).toBe(0);
  expect(Buffer.compare(await readFile(first), await readFile(await write("c.gguf", 2)))).not.toBe(0);
});
