import { join } from "node:path";
import { calibrationItems, claimedItemOf, claimOf } from "@millrace/engine/calibration";
import {
  decodeWeights,
  encodeWeights,
  type GgufSource,
  readGguf,
  readTensor,
  type StoredTensor,
  type TensorFormat,
  tensorFormats,
  writeGguf,
} from "@millrace/engine/gguf";
import { expect, test } from "vitest";
import { contextTokens, modelPath, openEngine, temporaryFolder } from "./fixture.ts";

/** The only matrices of the shipped model that are wide enough for blocks of 256. */
const isWide = ({ name }: StoredTensor) => name.endsWith("ffn_down.weight");

/** Where a block's half floats are; all else in it may be any bytes. */
const scalesAt: Partial<Record<TensorFormat, readonly number[]>> = {
  Q4_0: [0],
  Q4_1: [0, 2],
  Q5_0: [0],
  Q5_1: [0, 2],
  Q8_0: [0],
  Q4_K: [0, 2],
  Q5_K: [0, 2],
  Q6_K: [208],
};

test.each(Object.keys(scalesAt) as TensorFormat[])("llama.cpp reads %s as we do", async (format) => {
  const folder = await temporaryFolder();
  const [stored, decoded] = [join(folder, "stored.gguf"), join(folder, "decoded.gguf")];
  const blocks = (tensor: StoredTensor) => randomBlocks(tensor, format);
  await writeWith(stored, format, blocks);
  await writeWith(decoded, "F32", (tensor) => encodeWeights(decodeWeights(blocks(tensor), format), "F32"));

  await using ours = await openEngine({ modelPath: decoded });
  await using theirs = await openEngine({ modelPath: stored });
  const items = calibrationItems({ count: 4, contextTokens, kinds: ["story"], temperature: 0.7 });
  const distances = items.map(async (item) => {
    const short = { ...item, request: { ...item.request, max_tokens: 24 } };
    const claim = claimedItemOf(await claimOf(theirs, short), { contextTokens, epsilon: 0.5 });
    const { fingerprint, mismatch } = await ours.score(claim);
    expect(mismatch).toBeUndefined();
    return fingerprint!;
  });
  // Activations are rounded before they meet quantised weights; weights read wrongly are off by nats.
  expect(Math.max(...(await Promise.all(distances)))).toBeLessThan(0.2);
});

function writeWith(
  path: string,
  format: TensorFormat,
  blocks: (tensor: StoredTensor) => Uint8Array,
): Promise<void> {
  return readGguf(modelPath).then(({ metadata, tensors }) =>
    writeGguf(path, {
      metadata,
      tensors: tensors.map((tensor): GgufSource["tensors"][number] =>
        isWide(tensor)
          ? { ...tensor, format, data: () => blocks(tensor) }
          : { ...tensor, data: () => readTensor(modelPath, tensor) },
      ),
    }),
  );
}

/** Any bytes, but scales as small as those of a trained model. */
function randomBlocks({ name, dimensions }: StoredTensor, format: TensorFormat): Uint8Array {
  const { blockElements, blockBytes } = tensorFormats[format];
  const count = dimensions.reduce((product, size) => product * size, 1) / blockElements;
  const bytes = new Uint8Array(count * blockBytes);
  let state = name.length * 7_919 + name.charCodeAt(4);
  for (let index = 0; index < bytes.length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  // Superblocks multiply their scale by one of 6 or 8 bits.
  const scale = blockElements === 256 ? 2e-4 : format === "Q8_0" ? 5e-4 : 5e-3;
  const view = new DataView(bytes.buffer);
  for (let block = 0; block < count; block++) {
    const start = block * blockBytes;
    for (const at of scalesAt[format]!)
      view.setFloat16(start + at, scale * (1 + (bytes[start + 5]! % 7) / 7), true);
  }
  return bytes;
}
