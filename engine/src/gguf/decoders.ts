import type { TensorFormat } from "./tensorFormats.ts";

/** Decodes one block: its bytes begin `at`, its weights at `first`. */
export type Decode = (from: DataView, at: number, weights: Float32Array, first: number) => void;

/**
 * What of ggml's formats we read; those of tables are not among them.
 *
 * @see https://github.com/ggml-org/ggml/blob/master/src/ggml-quants.c
 */
export const decoders: Partial<Record<TensorFormat, Decode>> = {
  F32: (from, at, weights, first) => {
    weights[first] = from.getFloat32(at, true);
  },
  F16: (from, at, weights, first) => {
    weights[first] = from.getFloat16(at, true);
  },
  BF16: (from, at, weights, first) => {
    wordView.setUint32(0, from.getUint16(at, true) << 16);
    weights[first] = wordView.getFloat32(0);
  },
  Q8_0: (from, at, weights, first) => {
    const scale = from.getFloat16(at, true);
    for (let index = 0; index < 32; index++) weights[first + index] = scale * from.getInt8(at + 2 + index);
  },
  // Half a block in the low nibbles, the other in the high ones.
  Q4_0: (from, at, weights, first) => {
    const scale = from.getFloat16(at, true);
    for (let index = 0; index < 16; index++) {
      const pair = from.getUint8(at + 2 + index);
      weights[first + index] = scale * ((pair & 15) - 8);
      weights[first + index + 16] = scale * ((pair >> 4) - 8);
    }
  },
  Q4_1: (from, at, weights, first) => {
    const [scale, least] = [from.getFloat16(at, true), from.getFloat16(at + 2, true)];
    nibbles(from, at + 4, (index, nibble) => {
      weights[first + index] = scale * nibble + least;
    });
  },
  Q5_0: (from, at, weights, first) => {
    const scale = from.getFloat16(at, true);
    const fifthBits = from.getUint32(at + 2, true);
    nibbles(from, at + 6, (index, nibble) => {
      weights[first + index] = scale * ((nibble | (((fifthBits >>> index) & 1) << 4)) - 16);
    });
  },
  Q5_1: (from, at, weights, first) => {
    const [scale, least] = [from.getFloat16(at, true), from.getFloat16(at + 2, true)];
    const fifthBits = from.getUint32(at + 4, true);
    nibbles(from, at + 8, (index, nibble) => {
      weights[first + index] = scale * (nibble | (((fifthBits >>> index) & 1) << 4)) + least;
    });
  },
  Q4_K: (from, at, weights, first) => {
    decodeSuperBlock(from, { at, nibblesAt: at + 16 }, weights, first);
  },
  Q5_K: (from, at, weights, first) => {
    decodeSuperBlock(from, { at, nibblesAt: at + 48, fifthBitsAt: at + 16 }, weights, first);
  },
  // 16 groups of 16 weights of 6 bits; the upper two lie apart, in four layers.
  Q6_K: (from, at, weights, first) => {
    const scale = from.getFloat16(at + 208, true);
    for (let index = 0; index < 256; index++) {
      const half = index >> 7;
      const layer = (index >> 5) & 3;
      const column = index & 31;
      const low = from.getUint8(at + 64 * half + column + 32 * (layer & 1)) >> (4 * (layer >> 1));
      const high = from.getUint8(at + 128 + 32 * half + column) >> (2 * layer);
      const weight = ((low & 15) | ((high & 3) << 4)) - 32;
      weights[first + index] = scale * from.getInt8(at + 192 + (index >> 4)) * weight;
    }
  },
};

const wordView = new DataView(new ArrayBuffer(4));

/** Half a block's weights are in the low nibbles, the other half in the high ones. */
function nibbles(from: DataView, at: number, take: (index: number, nibble: number) => void): void {
  for (let index = 0; index < 16; index++) {
    const pair = from.getUint8(at + index);
    take(index, pair & 15);
    take(index + 16, pair >> 4);
  }
}

/** Eight groups of 32 weights, each with a scale and an offset of 6 bits, which in turn have one scale each. */
function decodeSuperBlock(
  from: DataView,
  { at, nibblesAt, fifthBitsAt }: { at: number; nibblesAt: number; fifthBitsAt?: number },
  weights: Float32Array,
  first: number,
): void {
  const [scale, offset] = [from.getFloat16(at, true), from.getFloat16(at + 2, true)];
  for (let group = 0; group < 8; group++) {
    const packed = groupOf(from, at + 4, group);
    const groupScale = scale * packed.scale;
    const groupOffset = offset * packed.offset;
    for (let column = 0; column < 32; column++) {
      const pair = from.getUint8(nibblesAt + 32 * (group >> 1) + column);
      const nibble = group & 1 ? pair >> 4 : pair & 15;
      const fifth = fifthBitsAt === undefined ? 0 : (from.getUint8(fifthBitsAt + column) >> group) & 1;
      weights[first + 32 * group + column] = groupScale * (nibble | (fifth << 4)) - groupOffset;
    }
  }
}

/** Eight scales and offsets of 6 bits in 12 bytes: the last four of each are split over the upper bits of the first. */
function groupOf(from: DataView, at: number, group: number): { scale: number; offset: number } {
  const byte = (index: number) => from.getUint8(at + index);
  if (group < 4) return { scale: byte(group) & 63, offset: byte(group + 4) & 63 };
  return {
    scale: (byte(group + 4) & 15) | ((byte(group - 4) >> 6) << 4),
    offset: (byte(group + 4) >> 4) | ((byte(group) >> 6) << 4),
  };
}
