import { open } from "node:fs/promises";
import { GgufCursor, GgufEncoder } from "./ggufCodec.ts";

/** Value types of GGUF metadata, as the file spells them. */
export const ggufType = {
  uint8: 0,
  int8: 1,
  uint16: 2,
  int16: 3,
  uint32: 4,
  int32: 5,
  float32: 6,
  bool: 7,
  string: 8,
  array: 9,
  uint64: 10,
  int64: 11,
  float64: 12,
} as const;
export type GgufType = (typeof ggufType)[keyof typeof ggufType];

/** 64-bit integers are bigint, so that what is read can be written back unchanged. */
export type GgufScalar = number | bigint | boolean | string;
export type GgufValue =
  | { type: Exclude<GgufType, typeof ggufType.array>; value: GgufScalar }
  | {
      type: typeof ggufType.array;
      elementType: Exclude<GgufType, typeof ggufType.array>;
      value: GgufScalar[];
    };

/** Storage formats of tensors, by ggml's number: how many elements one block holds, in how many bytes. */
export const tensorFormats = {
  F32: { id: 0, blockElements: 1, blockBytes: 4 },
  F16: { id: 1, blockElements: 1, blockBytes: 2 },
  Q4_0: { id: 2, blockElements: 32, blockBytes: 18 },
  Q8_0: { id: 8, blockElements: 32, blockBytes: 34 },
} as const;
export type TensorFormat = keyof typeof tensorFormats;

export interface GgufTensor {
  name: string;
  /** Innermost first, as GGUF has it: a matrix is [columns, rows]. */
  dimensions: number[];
  format: TensorFormat;
}

export interface GgufHeader {
  metadata: Map<string, GgufValue>;
  tensors: (GgufTensor & {
    /** From the start of the file. */ offset: number;
    sizeBytes: number;
  })[];
}

export interface GgufSource {
  metadata: Map<string, GgufValue>;
  /** `data` makes the tensor's bytes; called once, in order, so that a model larger than memory can be written. */
  tensors: (GgufTensor & { data: () => Uint8Array | Promise<Uint8Array> })[];
}

const magic = 0x46554747;
const version = 3;
const defaultAlignment = 32;
/** Enough for the header of any model we handle; vocabularies are the bulk of it. */
const maxHeaderBytes = 64 << 20;

export function tensorSizeBytes({ dimensions, format }: Pick<GgufTensor, "dimensions" | "format">): number {
  const { blockElements, blockBytes } = tensorFormats[format];
  return (dimensions.reduce((product, size) => product * size, 1) / blockElements) * blockBytes;
}

/**
 * Reads a GGUF file's metadata and the list of its tensors.
 *
 * @throws Error if the file is not GGUF version 3, or holds a tensor format other than {@link tensorFormats}
 * @see https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
export async function readGguf(path: string): Promise<GgufHeader> {
  await using file = await open(path);
  const { size } = await file.stat();
  const bytes = new Uint8Array(Math.min(size, maxHeaderBytes));
  await file.read(bytes, 0, bytes.length, 0);
  const cursor = new GgufCursor(bytes);
  if (cursor.uint32() !== magic || cursor.uint32() !== version)
    throw new Error(`${path} is not GGUF version ${version}`);
  const tensorCount = Number(cursor.uint64());
  const metadataCount = Number(cursor.uint64());
  const metadata = new Map<string, GgufValue>();
  for (let index = 0; index < metadataCount; index++) metadata.set(cursor.string(), cursor.value());
  const tensors: GgufHeader["tensors"] = [];
  for (let index = 0; index < tensorCount; index++) {
    const name = cursor.string();
    const dimensions = Array.from({ length: cursor.uint32() }, () => Number(cursor.uint64()));
    const format = formatById(cursor.uint32());
    tensors.push({
      name,
      dimensions,
      format,
      offset: Number(cursor.uint64()),
      sizeBytes: tensorSizeBytes({ dimensions, format }),
    });
  }
  const dataStart = align(cursor.position, alignmentOf(metadata));
  return { metadata, tensors: tensors.map((tensor) => ({ ...tensor, offset: dataStart + tensor.offset })) };
}

/** Reads one tensor's bytes. */
export async function readTensor(path: string, tensor: GgufHeader["tensors"][number]): Promise<Uint8Array> {
  await using file = await open(path);
  const bytes = new Uint8Array(tensor.sizeBytes);
  await file.read(bytes, 0, bytes.length, tensor.offset);
  return bytes;
}

/** Writes a GGUF file, tensor by tensor. */
export async function writeGguf(path: string, { metadata, tensors }: GgufSource): Promise<void> {
  const alignment = alignmentOf(metadata);
  const encoder = new GgufEncoder();
  encoder.uint32(magic).uint32(version).uint64(tensors.length).uint64(metadata.size);
  for (const [key, value] of metadata) encoder.string(key).value(value);
  let offset = 0;
  for (const tensor of tensors) {
    encoder.string(tensor.name).uint32(tensor.dimensions.length);
    for (const size of tensor.dimensions) encoder.uint64(size);
    encoder.uint32(tensorFormats[tensor.format].id).uint64(offset);
    offset = align(offset + tensorSizeBytes(tensor), alignment);
  }

  await using file = await open(path, "w");
  let written = 0;
  const append = async (bytes: Uint8Array) => {
    await file.writeFile(bytes);
    written += bytes.length;
  };
  await append(encoder.bytes());
  for (const tensor of tensors) {
    await append(new Uint8Array(align(written, alignment) - written));
    const bytes = await tensor.data();
    if (bytes.length !== tensorSizeBytes(tensor)) throw new Error(`${tensor.name} has ${bytes.length} bytes`);
    await append(bytes);
  }
}

function alignmentOf(metadata: ReadonlyMap<string, GgufValue>): number {
  return Number(metadata.get("general.alignment")?.value ?? defaultAlignment);
}

function align(position: number, alignment: number): number {
  return Math.ceil(position / alignment) * alignment;
}

function formatById(id: number): TensorFormat {
  for (const [name, format] of Object.entries(tensorFormats))
    if (format.id === id) return name as TensorFormat;
  throw new Error(`tensor format ${id} is not supported`);
}
