import { CHUNK_BYTES, ChunkHasher, hashChunks } from "@millrace/protocol";
import fc from "fast-check";
import type { Hex } from "viem";
import { describe, expect, test } from "vitest";
import { readVectors } from "./vectors.ts";

const vectors = readVectors<{ chunkBytes: number; blobs: { sizeBytes: number; hash: Hex }[] }>("chunks");

const blobOf = (sizeBytes: number) =>
  Uint8Array.from({ length: sizeBytes }, (_, i) => i * 31 + Math.floor(i / 256));

/** Feeds `bytes` cut at `cuts`. */
function hashCut(bytes: Uint8Array, cuts: readonly number[]): Hex {
  const hasher = new ChunkHasher();
  const edges = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
  for (let i = 1; i < edges.length; i++) hasher.update(bytes.subarray(edges[i - 1], edges[i]));
  return hasher.digest();
}

describe("hashChunks", () => {
  test("cuts at the vectors' size", () => {
    expect(CHUNK_BYTES).toBe(vectors.chunkBytes);
  });

  test.each(vectors.blobs)("vector of $sizeBytes bytes", ({ sizeBytes, hash }) => {
    expect(hashChunks(blobOf(sizeBytes))).toBe(hash);
  });

  test("tells a blob from one with a zero byte more", () => {
    expect(hashChunks(new Uint8Array(5))).not.toBe(hashChunks(new Uint8Array(6)));
    expect(hashChunks(new Uint8Array(0))).not.toBe(hashChunks(new Uint8Array(1)));
  });
});

describe("ChunkHasher", () => {
  test("does not depend on how the stream is cut", () => {
    const sizes = fc.integer({ min: 0, max: 3 * CHUNK_BYTES + 2 });
    const cuts = fc.array(
      fc.oneof(
        fc.integer({ min: 0, max: 3 * CHUNK_BYTES }),
        fc.constantFrom(0, CHUNK_BYTES, 2 * CHUNK_BYTES),
      ),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(sizes, cuts, (sizeBytes, at) => {
        const bytes = blobOf(sizeBytes);
        expect(hashCut(bytes, at)).toBe(hashChunks(bytes));
      }),
      { numRuns: 25 },
    );
  });

  test("may be fed from one buffer that is written over", () => {
    const buffer = new Uint8Array(1_000);
    const hasher = new ChunkHasher();
    const whole = new Uint8Array(3_000);
    for (let part = 0; part < 3; part++) {
      buffer.fill(part + 1);
      whole.set(buffer, part * 1_000);
      hasher.update(buffer);
    }
    expect(hasher.digest()).toBe(hashChunks(whole));
    expect(hasher.sizeBytes).toBe(3_000);
  });
});
