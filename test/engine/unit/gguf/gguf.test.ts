import { join } from "node:path";
import { readGguf, readTensor, writeGguf } from "@millrace/engine/gguf";
import { expect, test } from "vitest";
import { modelPath, temporaryFolder } from "../../fixture.ts";

test("reading and writing the shipped model gives the same metadata and tensors", async () => {
  const path = join(await temporaryFolder(), "copy.gguf");
  const source = await readGguf(modelPath);
  await writeGguf(path, {
    metadata: source.metadata,
    tensors: source.tensors.map((tensor) => ({ ...tensor, data: () => readTensor(modelPath, tensor) })),
  });
  const copy = await readGguf(path);
  expect(copy.metadata).toEqual(source.metadata);
  expect(copy.tensors.map(({ name, dimensions, format }) => ({ name, dimensions, format }))).toEqual(
    source.tensors.map(({ name, dimensions, format }) => ({ name, dimensions, format })),
  );
  for (const [index, tensor] of source.tensors.entries()) {
    const bytes = await readTensor(path, copy.tensors[index]!);
    expect(Buffer.compare(bytes, await readTensor(modelPath, tensor))).toBe(0);
  }
});
