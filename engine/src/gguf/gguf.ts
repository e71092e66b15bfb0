import { type FileHandle, open } from "node:fs/promises";
import { GgufCursor, GgufEncoder } from "./ggufCodec.ts";
import { ggufError } from "./ggufError.ts";
import { formatById, type GgufTensor, tensorFormats, tensorSizeBytes } from "./tensorFormats.ts";

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

export interface StoredTensor extends GgufTensor {
  /** From the start of the file. */
  offset: number;
  sizeBytes: number;
}

export interface GgufHeader {
  metadata: Map<string, GgufValue>;
  tensors: StoredTensor[];
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
/** One system call moves less than 2 GiB. */
const maxReadBytes = 1 << 30;

/**
 * Reads a GGUF file's metadata and the list of its tensors.
 *
 * @throws MillraceError `not-a-gguf` if the file is not GGUF version 3, or holds a tensor of an unknown format
 * @see https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
export async function readGguf(path: string): Promise<GgufHeader> {
  await using file = await open(path);
  const { size } = await file.stat();
  const cursor = new GgufCursor(await read(file, 0, Math.min(size, maxHeaderBytes)));
  if (cursor.uint32() !== magic || cursor.uint32() !== version)
    throw ggufError(`${path} is not GGUF version ${version}`);
  const tensorCount = Number(cursor.uint64());
  const metadataCount = Number(cursor.uint64());
  const metadata = new Map<string, GgufValue>();
  for (let index = 0; index < metadataCount; index++) metadata.set(cursor.string(), cursor.value());
  const tensors: StoredTensor[] = [];
  for (let index = 0; index < tensorCount; index++) {
    const name = cursor.string();
    const dimensions = Array.from({ length: cursor.uint32() }, () => Number(cursor.uint64()));
    const formatId = cursor.uint32();
    const format = formatById(formatId);
    if (format === undefined) throw ggufError(`${name} is of tensor format ${formatId}`);
    const offset = Number(cursor.uint64());
    tensors.push({ name, dimensions, format, offset, sizeBytes: tensorSizeBytes({ dimensions, format }) });
  }
  const dataStart = align(cursor.position, alignmentOf(metadata));
  return { metadata, tensors: tensors.map((tensor) => ({ ...tensor, offset: dataStart + tensor.offset })) };
}

/** Reads one tensor's bytes. */
export async function readTensor(path: string, tensor: StoredTensor): Promise<Uint8Array> {
  await using file = await open(path);
  return read(file, tensor.offset, tensor.sizeBytes);
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
    if (bytes.length !== tensorSizeBytes(tensor)) throw ggufError(`${tensor.name} has ${bytes.length} bytes`);
    await append(bytes);
  }
}

async function read(file: FileHandle, position: number, sizeBytes: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(sizeBytes);
  let done = 0;
  while (done < sizeBytes) {
    const length = Math.min(sizeBytes - done, maxReadBytes);
    const { bytesRead } = await file.read(bytes, done, length, position + done);
    if (bytesRead === 0) throw ggufError(`the file ends before byte ${position + sizeBytes}`);
    done += bytesRead;
  }
  return bytes;
}

function alignmentOf(metadata: ReadonlyMap<string, GgufValue>): number {
  return Number(metadata.get("general.alignment")?.value ?? defaultAlignment);
}

function align(position: number, alignment: number): number {
  return Math.ceil(position / alignment) * alignment;
}
