import { decodeWeights, encodeWeights, type WritableFormat } from "@millrace/engine/gguf";
import fc from "fast-check";
import { expect, test } from "vitest";

/** How far a weight may be from what it is stored as, in shares of its block's largest one. */
const resolution: Record<WritableFormat, number> = {
  F32: 0,
  F16: 2 ** -11,
  Q8_0: 0.57 / 127,
  Q4_0: 1.01 / 8,
};
const formats = Object.keys(resolution) as WritableFormat[];

/** Blocks of 32 weights of one magnitude, large enough that no scale is a subnormal half float. */
const weights = fc.integer({ min: 0, max: 6 }).chain((exponent) =>
  fc
    .float32Array({
      minLength: 32,
      maxLength: 128,
      noNaN: true,
      min: -1,
      max: 1,
    })
    .map((numbers) =>
      numbers
        .subarray(0, numbers.length - (numbers.length % 32))
        .map((number) => (Math.abs(number) < 0.01 ? 0 : number) * 2 ** exponent),
    ),
);

test.each(formats)("%s keeps weights to its resolution", (format) => {
  fc.assert(
    fc.property(weights, (original) => {
      const decoded = decodeWeights(encodeWeights(original, format), format);
      expect(decoded.length).toBe(original.length);
      for (let first = 0; first < original.length; first += 32) {
        const block = original.subarray(first, first + 32);
        const largest = Math.max(...block.map(Math.abs));
        for (const [index, weight] of block.entries())
          expect(Math.abs(decoded[first + index]! - weight)).toBeLessThanOrEqual(
            resolution[format] * largest * 1.001,
          );
      }
    }),
  );
});

test.each(formats)("%s of what %s says is the same bytes again", (format) => {
  fc.assert(
    fc.property(weights, (original) => {
      const bytes = encodeWeights(original, format);
      expect(encodeWeights(decodeWeights(bytes, format), format)).toEqual(bytes);
    }),
  );
});

test("Q8_0 and Q4_0 read their blocks as ggml lays them out", () => {
  fc.assert(
    fc.property(
      fc.float({ min: 2 ** -10, max: 8, noNaN: true }).map((scale) => new Float16Array([scale])),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      (scale, payload) => {
        const head = new Uint8Array(scale.buffer);
        expect([...decodeWeights(new Uint8Array([...head, ...payload]), "Q8_0")]).toEqual(
          [...payload].map((byte) => Math.fround(scale[0]! * ((byte << 24) >> 24))),
        );
        const nibbles = payload.subarray(0, 16);
        expect([...decodeWeights(new Uint8Array([...head, ...nibbles]), "Q4_0")]).toEqual(
          [...[...nibbles].map((byte) => byte & 15), ...[...nibbles].map((byte) => byte >> 4)].map((nibble) =>
            Math.fround(scale[0]! * (nibble - 8)),
          ),
        );
      },
    ),
  );
});

test("BF16 is the upper half of F32, and a format of tables is refused", () => {
  fc.assert(
    fc.property(fc.float32Array({ minLength: 1, noNaN: true, noDefaultInfinity: true }), (numbers) => {
      const words = new Uint32Array(numbers.slice().buffer);
      const halves = Uint16Array.from(words, (word) => word >>> 16);
      const truncated = new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
      expect(decodeWeights(new Uint8Array(halves.buffer), "BF16")).toEqual(truncated);
    }),
  );
  expect(() => decodeWeights(new Uint8Array(66), "IQ2_XXS")).toThrow(
    expect.objectContaining({ code: "not-a-gguf" }),
  );
});
