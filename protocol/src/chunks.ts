import { bytesToHex, type Hex } from "viem";
import { PositionalTree } from "./tree.ts";
import { hashBytes, hashText, hashWords } from "./words.ts";

/** Blobs are hashed in chunks of so many bytes, so that a part of a large one can be shown and checked alone. */
export const CHUNK_BYTES = 262_144;

const CHUNKS_TYPE = hashText("millrace.chunks.v1");

/** Hashes a blob as it streams by: keccak256(tag, size in bytes, root of the positional tree over its chunks' keccak256). */
export class ChunkHasher {
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #leaves: Hex[] = [];
  sizeBytes = 0;

  update(bytes: Uint8Array): this {
    this.sizeBytes += bytes.length;
    let rest = bytes;
    while (rest.length > 0) {
      const part = rest.subarray(0, CHUNK_BYTES - this.#pendingBytes);
      // Copied, as a stream may reuse its buffer.
      this.#pending.push(part.slice());
      this.#pendingBytes += part.length;
      rest = rest.subarray(part.length);
      if (this.#pendingBytes === CHUNK_BYTES) this.#flush();
    }
    return this;
  }

  digest(): Hex {
    if (this.#pendingBytes > 0 || this.#leaves.length === 0) this.#flush();
    return hashWords([CHUNKS_TYPE, this.sizeBytes, new PositionalTree(this.#leaves).root]);
  }

  #flush(): void {
    const chunk = new Uint8Array(this.#pendingBytes);
    let offset = 0;
    for (const part of this.#pending) {
      chunk.set(part, offset);
      offset += part.length;
    }
    this.#leaves.push(bytesToHex(hashBytes(chunk)));
    this.#pending = [];
    this.#pendingBytes = 0;
  }
}

/** The content hash of a whole blob at hand; see {@link ChunkHasher}. */
export function hashChunks(bytes: Uint8Array): Hex {
  return new ChunkHasher().update(bytes).digest();
}
