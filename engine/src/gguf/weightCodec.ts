import { decoders } from "./decoders.ts";
import { ggufError } from "./ggufError.ts";
import { type TensorFormat, tensorFormats } from "./tensorFormats.ts";

/** Formats whose blocks we can make, by the rule of ggml's reference code. */
export type WritableFormat = "F32" | "F16" | "Q8_0" | "Q4_0";

/**
 * Decodes a tensor's bytes to single precision.
 *
 * @throws MillraceError `not-a-gguf` for formats that we do not decode
 */
export function decodeWeights(bytes: Uint8Array, format: TensorFormat): Float32Array {
  const { blockElements, blockBytes } = tensorFormats[format];
  const weights = new Float32Array((bytes.length / blockBytes) * blockElements);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decode = decoders[format];
  if (decode === undefined) throw ggufError(`weights of format ${format} cannot be decoded`);
  for (let block = 0; block * blockBytes < bytes.length; block++)
    decode(view, block * blockBytes, weights, block * blockElements);
  return weights;
}

export function canDecode(format: TensorFormat): boolean {
  return decoders[format] !== undefined;
}

/** Encodes whole blocks of weights. */
export function encodeWeights(weights: Float32Array, format: WritableFormat): Uint8Array {
  const { blockElements, blockBytes } = tensorFormats[format];
  const bytes = new Uint8Array((weights.length / blockElements) * blockBytes);
  const view = new DataView(bytes.buffer);
  const encode = encoders[format];
  for (let block = 0; block * blockElements < weights.length; block++)
    encode(weights, block * blockElements, view, block * blockBytes);
  return bytes;
}

type Encode = (weights: Float32Array, first: number, to: DataView, at: number) => void;

const encoders: Record<WritableFormat, Encode> = {
  F32: (weights, first, to, at) => to.setFloat32(at, weights[first]!, true),
  F16: (weights, first, to, at) => to.setFloat16(at, weights[first]!, true),
  Q8_0: (weights, first, to, at) => {
    const scale = Math.abs(largest(weights, first)) / 127;
    to.setFloat16(at, scale, true);
    for (let index = 0; index < 32; index++)
      to.setInt8(at + 2 + index, scale === 0 ? 0 : Math.round(weights[first + index]! / scale));
  },
  // The largest weight is -8 exactly, whichever its sign: the scale takes the other one.
  Q4_0: (weights, first, to, at) => {
    const scale = largest(weights, first) / -8;
    to.setFloat16(at, scale, true);
    const nibble = (index: number) =>
      scale === 0 ? 8 : Math.min(15, Math.floor(weights[first + index]! / scale + 8.5));
    for (let index = 0; index < 16; index++)
      to.setUint8(at + 2 + index, nibble(index) | (nibble(index + 16) << 4));
  },
};

/** The weight of largest magnitude in a block of 32. */
function largest(weights: Float32Array, first: number): number {
  let found = 0;
  for (let index = first; index < first + 32; index++)
    if (Math.abs(weights[index]!) > Math.abs(found)) found = weights[index]!;
  return found;
}
