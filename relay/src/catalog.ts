import type { BlobKey } from "@millrace/protocol";
import type { Hex } from "viem";
import { RelayError } from "./errors.ts";
import { storagePathOf } from "./keys.ts";
import type { StoredBlob } from "./store/blobStore.ts";

/**
 * Versions of one blob that are kept. An honest author makes a new one only where a crash lost the sealed bytes, for
 * sealing the same text again gives other bytes.
 */
export const MAX_VERSIONS = 8;

export interface Quotas {
  quotaBytesPerLot: number;
  quotaBytesPerAuthor: number;
}

/**
 * What is stored, in memory: which versions there are of each blob, and how much room every lot and author has left.
 *
 * Nothing is ever replaced. An author may add other bytes under the same key, up to {@link MAX_VERSIONS}: reading gives
 * the latest, or the one with a given content hash. So a provider can mend what a crash spoiled, and can neither
 * withdraw nor overwrite the results it committed to.
 */
export class Catalog {
  readonly #quotas: Quotas;
  /** Oldest first. */
  readonly #versions = new Map<string, StoredBlob[]>();
  /** Bytes stored and reserved, by lot and by author. */
  readonly #bytes = new Map<string, number>();
  readonly #reservedVersions = new Map<string, number>();
  #blobs = 0;
  #totalBytes = 0;
  #reservations = 0;

  constructor(quotas: Quotas) {
    this.#quotas = quotas;
  }

  get blobs(): number {
    return this.#blobs;
  }

  get totalBytes(): number {
    return this.#totalBytes;
  }

  /** How many blobs are about to come. */
  get reservations(): number {
    return this.#reservations;
  }

  /** The latest version, or the one with this content hash. */
  find(key: BlobKey, contentHash?: Hex): StoredBlob | undefined {
    const versions = this.#versions.get(storagePathOf(key)) ?? [];
    return contentHash === undefined
      ? versions.at(-1)
      : versions.find((version) => version.contentHash === contentHash);
  }

  /**
   * Keeps room for a blob that is about to come. Disposing of what it returns gives the room back.
   *
   * @throws RelayError `too-many-versions`, `lot-quota-exceeded`, `author-quota-exceeded`
   */
  reserve(key: BlobKey, sizeBytes: number): Disposable {
    const path = storagePathOf(key);
    const versions = (this.#versions.get(path)?.length ?? 0) + (this.#reservedVersions.get(path) ?? 0);
    if (versions >= MAX_VERSIONS) {
      throw new RelayError("This blob has been written too often.", {
        code: "too-many-versions",
        details: `At most ${MAX_VERSIONS} versions are kept.`,
      });
    }
    const { quotaBytesPerLot, quotaBytesPerAuthor } = this.#quotas;
    if (this.#used(lotOf(key)) + sizeBytes > quotaBytesPerLot) {
      throw new RelayError("The lot's blobs take too much room.", {
        code: "lot-quota-exceeded",
        details: `An author may hold ${quotaBytesPerLot} bytes of one lot here.`,
      });
    }
    if (this.#used(key.author) + sizeBytes > quotaBytesPerAuthor) {
      throw new RelayError("The author's blobs take too much room.", {
        code: "author-quota-exceeded",
        details: `An author may hold ${quotaBytesPerAuthor} bytes here; room comes back as blobs age.`,
      });
    }
    this.#count(key, sizeBytes);
    increase(this.#reservedVersions, path, 1);
    this.#reservations += 1;
    let released = false;
    return {
      [Symbol.dispose]: () => {
        if (released) return;
        released = true;
        this.#count(key, -sizeBytes);
        increase(this.#reservedVersions, path, -1);
        this.#reservations -= 1;
      },
    };
  }

  add(blob: StoredBlob): void {
    const path = storagePathOf(blob.key);
    const versions = this.#versions.get(path) ?? [];
    versions.push(blob);
    versions.sort((a, b) => a.receivedAtMs - b.receivedAtMs);
    this.#versions.set(path, versions);
    this.#count(blob.key, blob.sizeBytes);
    this.#blobs += 1;
    this.#totalBytes += blob.sizeBytes;
  }

  remove(blob: StoredBlob): void {
    const path = storagePathOf(blob.key);
    const versions = this.#versions.get(path) ?? [];
    const index = versions.indexOf(blob);
    if (index < 0) return;
    versions.splice(index, 1);
    if (versions.length === 0) this.#versions.delete(path);
    this.#count(blob.key, -blob.sizeBytes);
    this.#blobs -= 1;
    this.#totalBytes -= blob.sizeBytes;
  }

  /** The blobs received before this time. */
  olderThan(timeMs: number): StoredBlob[] {
    return [...this.#versions.values()].flat().filter(({ receivedAtMs }) => receivedAtMs < timeMs);
  }

  #used(owner: string): number {
    return this.#bytes.get(owner) ?? 0;
  }

  #count(key: BlobKey, sizeBytes: number): void {
    increase(this.#bytes, lotOf(key), sizeBytes);
    increase(this.#bytes, key.author, sizeBytes);
  }
}

/** Room is counted for each author of a lot by itself, so that a buyer cannot crowd out the results, nor the provider
 * the input. A lotId binds its chain and Market through its job's id. */
function lotOf({ lotId, author }: BlobKey): string {
  return `${lotId}/${author}`;
}

function increase(counts: Map<string, number>, name: string, by: number): void {
  const count = (counts.get(name) ?? 0) + by;
  if (count === 0) counts.delete(name);
  else counts.set(name, count);
}
