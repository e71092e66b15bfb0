import type { BlobKey } from "@millrace/protocol";
import type { Hex } from "viem";

/** What names one stored version of a blob. Addresses are in lower case. */
export interface StoredBlob {
  key: BlobKey;
  contentHash: Hex;
  sizeBytes: number;
  /** Unix milliseconds; distinct among the versions of one key. */
  receivedAtMs: number;
}

/** A stored blob about to be read; holds resources until it is disposed of. */
export interface OpenBlob extends AsyncDisposable {
  signature: Hex;
  /** The bytes that were written: if they have since been damaged, it throws `damaged-blob` before the last of them. */
  bytes: AsyncIterable<Uint8Array>;
}

/** Where a relay keeps its blobs. */
export interface BlobStore extends AsyncDisposable {
  /** Every blob that was stored whole, in no order. */
  list(): AsyncIterable<StoredBlob>;

  /**
   * Stores a blob for good: once it returns, a power cut does not lose it. If `bytes` throws, or anything else fails,
   * nothing of it stays.
   *
   * @throws RelayError `disk-full`, and whatever `bytes` throws
   */
  write(blob: StoredBlob, signature: Hex, bytes: AsyncIterable<Uint8Array>): Promise<void>;

  /** @throws MillraceError `damaged-blob` if it is gone or no longer what was written */
  open(blob: StoredBlob): Promise<OpenBlob>;

  /** Removes a blob; does nothing if it is gone. */
  remove(blob: StoredBlob): Promise<void>;

  close(): Promise<void>;
}
