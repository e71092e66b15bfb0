import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  addNoise,
  decodeWeights,
  dropLayer,
  readGguf,
  readMatrixFormats,
  readTensor,
  requantize,
  type TensorFormat,
} from "@millrace/engine/gguf";
import { expect, test } from "vitest";
import { expectCode, modelPath, temporaryFolder } from "../../fixture.ts";

const halfModelPath = modelPath.replace("q8_0", "f16");
const layers = 6;

async function weightsOf(path: string, name: string): Promise<Float32Array> {
  const { tensors } = await readGguf(path);
  const tensor = tensors.find((tensor) => tensor.name === name)!;
  return decodeWeights(await readTensor(path, tensor), tensor.format);
}

async function formatsOf(path: string): Promise<Record<string, TensorFormat>> {
  const { tensors } = await readGguf(path);
  return Object.fromEntries(tensors.map(({ name, format }) => [name, format]));
}

/** Root mean square of the difference, in shares of the first one's own. */
function relativeDistance(left: Float32Array, right: Float32Array): number {
  const difference = left.map((weight, index) => weight - right[index]!);
  const norm = (weights: Float32Array) =>
    Math.sqrt(weights.reduce((sum, weight) => sum + weight * weight, 0));
  return norm(difference) / norm(left);
}

test("the shipped F16 model requantized is the shipped Q8_0 model, and Q4_0 is coarser", async () => {
  const folder = await temporaryFolder();
  const eight = join(folder, "q8_0.gguf");
  const four = join(folder, "q4_0.gguf");
  await requantize(halfModelPath, eight, "Q8_0");
  await requantize(modelPath, four, "Q4_0");
  expect(await formatsOf(eight)).toEqual(await formatsOf(modelPath));
  expect(await formatsOf(four)).toMatchObject({
    "blk.0.ffn_down.weight": "Q4_0",
    "blk.0.attn_norm.weight": "F32",
  });
  expect((await readGguf(four)).metadata.get("general.file_type")?.value).toBe(2);

  const name = "blk.3.ffn_down.weight";
  const original = await weightsOf(halfModelPath, name);
  const shipped = relativeDistance(original, await weightsOf(modelPath, name));
  expect(relativeDistance(original, await weightsOf(eight, name))).toBeCloseTo(shipped, 4);
  const coarse = relativeDistance(original, await weightsOf(four, name));
  expect(coarse).toBeGreaterThan(10 * shipped);
  expect(coarse).toBeLessThan(0.2);
});

test("three bits are eight levels of a block, stored in Q4_0, and coarser still", async () => {
  const folder = await temporaryFolder();
  const [four, three] = [join(folder, "four.gguf"), join(folder, "three.gguf")];
  await requantize(modelPath, four, "Q4_0");
  await requantize(four, three, "Q4_0", { threeBits: true });
  expect(await readMatrixFormats(four)).toEqual({ bitsPerWeight: 4.5, canRewrite: true });
  const name = "blk.3.ffn_down.weight";
  const [original, fourBits, threeBits] = [
    await weightsOf(halfModelPath, name),
    await weightsOf(four, name),
    await weightsOf(three, name),
  ];
  for (let first = 0; first < threeBits.length; first += 32)
    expect(new Set(threeBits.subarray(first, first + 32)).size).toBeLessThanOrEqual(8);
  expect(relativeDistance(original, threeBits)).toBeGreaterThan(1.5 * relativeDistance(original, fourBits));
  expect(relativeDistance(original, threeBits)).toBeLessThan(0.3);
});

test("noise is as large as asked for, on matrices alone, and the same for the same seed", async () => {
  const folder = await temporaryFolder();
  const path = (name: string) => join(folder, `${name}.gguf`);
  await addNoise(halfModelPath, path("a"), { relative: 0.02 });
  await addNoise(halfModelPath, path("b"), { relative: 0.02 });
  await addNoise(halfModelPath, path("c"), { relative: 0.02, seed: 2 });
  const name = "blk.0.attn_q.weight";
  const distance = relativeDistance(await weightsOf(halfModelPath, name), await weightsOf(path("a"), name));
  expect(distance).toBeCloseTo(0.02, 3);
  expect(await weightsOf(path("a"), "output_norm.weight")).toEqual(
    await weightsOf(halfModelPath, "output_norm.weight"),
  );
  expect(Buffer.compare(await readFile(path("a")), await readFile(path("b")))).toBe(0);
  expect(Buffer.compare(await readFile(path("a")), await readFile(path("c")))).not.toBe(0);
});

test("a dropped layer leaves the others in order", async () => {
  const path = join(await temporaryFolder(), "five.gguf");
  await dropLayer(modelPath, path, 2);
  const { metadata } = await readGguf(path);
  expect(metadata.get("llama.block_count")?.value).toBe(layers - 1);
  const formats = await formatsOf(path);
  expect(formats).toHaveProperty(["blk.4.attn_q.weight"]);
  expect(formats).not.toHaveProperty(["blk.5.attn_q.weight"]);
  const name = (layer: number) => `blk.${layer}.attn_q.weight`;
  expect(await weightsOf(path, name(1))).toEqual(await weightsOf(modelPath, name(1)));
  expect(await weightsOf(path, name(2))).toEqual(await weightsOf(modelPath, name(3)));
  await expectCode(dropLayer(modelPath, path, layers), "not-a-gguf");
});
