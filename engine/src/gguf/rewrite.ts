import {
  type GgufHeader,
  type GgufScalar,
  type GgufSource,
  type GgufValue,
  ggufType,
  readGguf,
  readTensor,
  type StoredTensor,
  writeGguf,
} from "./gguf.ts";
import { ggufError } from "./ggufError.ts";
import { gaussian } from "./random.ts";
import { tensorFormats } from "./tensorFormats.ts";
import { canDecode, decodeWeights, encodeWeights, type WritableFormat } from "./weightCodec.ts";

/** llama.cpp's numbers of "mostly this format". */
const fileTypes = { F32: 0, F16: 1, Q4_0: 2, Q8_0: 7 } as const satisfies Record<WritableFormat, number>;

/** Weights are recoded piece by piece, so that a large matrix is never in memory as floats; whole blocks of any format. */
const pieceElements = 1 << 16;

/** What a model's matrices are like. */
export interface MatrixFormats {
  /** Of the file, for each weight. */
  bitsPerWeight: number;
  /** Whether {@link requantize} and {@link addNoise} change all of them; others they copy. */
  canRewrite: boolean;
}

export async function readMatrixFormats(path: string): Promise<MatrixFormats> {
  const matrices = (await readGguf(path)).tensors.filter(isMatrix);
  const elements = matrices.reduce((sum, { dimensions }) => sum + dimensions.reduce((a, b) => a * b, 1), 0);
  const bytes = matrices.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return {
    bitsPerWeight: (8 * bytes) / elements,
    canRewrite: matrices.every(({ format }) => canDecode(format)),
  };
}

/**
 * Writes a copy of a model whose matrices are stored in another format. What we cannot decode is copied as it is.
 *
 * @param threeBits rounds each block to eight levels first, for models that are stored in four bits as they are
 */
export async function requantize(
  from: string,
  to: string,
  format: WritableFormat,
  { threeBits = false }: { threeBits?: boolean } = {},
): Promise<void> {
  const header = await readGguf(from);
  header.metadata.set("general.file_type", { type: ggufType.uint32, value: fileTypes[format] });
  await writeGguf(to, {
    metadata: header.metadata,
    tensors: header.tensors.map((tensor) =>
      isRewritable(tensor)
        ? recoded(from, tensor, format, threeBits ? toThreeBits : undefined)
        : copied(from, tensor),
    ),
  });
}

/** As Q4_0 does it, with half as many levels; those are all among Q4_0's. */
function toThreeBits(weights: Float32Array): Float32Array {
  const coarse = new Float32Array(weights.length);
  for (let first = 0; first < weights.length; first += 32) {
    const block = weights.subarray(first, first + 32);
    const largest = block.reduce((found, weight) => (Math.abs(weight) > Math.abs(found) ? weight : found), 0);
    const step = largest / -4;
    if (step === 0) continue;
    for (const [index, weight] of block.entries())
      coarse[first + index] = step * Math.min(3, Math.floor(weight / step + 0.5));
  }
  return coarse;
}

/**
 * Writes a copy of a model whose matrices carry normal noise of `relative` times their own root mean square, as a
 * fine-tune would move them. Formats that we cannot write become Q8_0. The same seed gives the same bytes.
 */
export async function addNoise(
  from: string,
  to: string,
  { relative, seed = 1 }: { relative: number; seed?: number },
): Promise<void> {
  const { metadata, tensors } = await readGguf(from);
  const noise = gaussian(seed);
  const disturb = (weights: Float32Array) => {
    const square = weights.reduce((sum, weight) => sum + weight * weight, 0) / weights.length;
    const deviation = relative * Math.sqrt(square);
    return weights.map((weight) => weight + deviation * noise());
  };
  await writeGguf(to, {
    metadata,
    tensors: tensors.map((tensor) =>
      isRewritable(tensor) ? recoded(from, tensor, writableLike(tensor), disturb) : copied(from, tensor),
    ),
  });
}

/**
 * Writes a copy of a model without one of its layers.
 *
 * @param layer from 0
 * @throws MillraceError `not-a-gguf` if the model has no such layer
 */
export async function dropLayer(from: string, to: string, layer: number): Promise<void> {
  const { metadata, tensors } = await readGguf(from);
  const layers = layerCount(metadata);
  if (!Number.isInteger(layer) || layer < 0 || layer >= layers)
    throw ggufError(`there is no layer ${layer} of ${layers}`);
  const kept = tensors.flatMap((tensor) => {
    const [, index, rest] = /^blk\.(\d+)\.(.+)$/.exec(tensor.name) ?? [];
    if (index === undefined) return [copied(from, tensor)];
    if (Number(index) === layer) return [];
    return [
      { ...copied(from, tensor), name: `blk.${Number(index) - Number(Number(index) > layer)}.${rest}` },
    ];
  });
  await writeGguf(to, { metadata: withoutLayer(metadata, layer, layers), tensors: kept });
}

/** How many layers a model has. */
export async function layerCountOf(path: string): Promise<number> {
  return layerCount((await readGguf(path)).metadata);
}

function layerCount(metadata: GgufHeader["metadata"]): number {
  return Number(metadata.get(blockCountKey(metadata))?.value ?? 0);
}

function blockCountKey(metadata: GgufHeader["metadata"]): string {
  return `${String(metadata.get("general.architecture")?.value)}.block_count`;
}

/** Some architectures say things layer by layer: those lists get shorter too. */
function withoutLayer(
  metadata: GgufHeader["metadata"],
  layer: number,
  layers: number,
): GgufHeader["metadata"] {
  const countKey = blockCountKey(metadata);
  const prefix = countKey.replace(/block_count$/, "");
  const shorten = ([key, entry]: [string, GgufValue]): [string, GgufValue] => {
    if (key === countKey) return [key, { ...entry, value: lower(entry.value as GgufScalar) } as GgufValue];
    if (!key.startsWith(prefix) || entry.type !== ggufType.array || entry.value.length !== layers)
      return [key, entry];
    return [key, { ...entry, value: entry.value.toSpliced(layer, 1) }];
  };
  return new Map([...metadata].map(shorten));
}

function lower(count: GgufScalar): GgufScalar {
  return typeof count === "bigint" ? count - 1n : Number(count) - 1;
}

/** Norms, biases and tables of a few columns stay as they are: they are small, and llama.cpp wants them exact. */
function isMatrix({ dimensions }: StoredTensor): boolean {
  return dimensions.length >= 2 && dimensions[0]! % 32 === 0;
}

function isRewritable(tensor: StoredTensor): boolean {
  return isMatrix(tensor) && canDecode(tensor.format);
}

function writableLike({ format }: StoredTensor): WritableFormat {
  return format in fileTypes ? (format as WritableFormat) : "Q8_0";
}

type SourceTensor = GgufSource["tensors"][number];

function copied(path: string, { offset, sizeBytes, ...tensor }: StoredTensor): SourceTensor {
  return { ...tensor, data: () => readTensor(path, { ...tensor, offset, sizeBytes }) };
}

function recoded(
  path: string,
  tensor: StoredTensor,
  format: WritableFormat,
  change: (weights: Float32Array) => Float32Array = (weights) => weights,
): SourceTensor {
  const { name, dimensions } = tensor;
  const { blockElements, blockBytes } = tensorFormats[tensor.format];
  const pieceBytes = (pieceElements / blockElements) * blockBytes;
  return {
    name,
    dimensions,
    format,
    async data() {
      const bytes = await readTensor(path, tensor);
      const pieces: Uint8Array[] = [];
      for (let start = 0; start < bytes.length; start += pieceBytes) {
        const weights = decodeWeights(bytes.subarray(start, start + pieceBytes), tensor.format);
        pieces.push(encodeWeights(change(weights), format));
      }
      return Buffer.concat(pieces);
    },
  };
}
