import { type BlobKey, type BlobKind, blobKinds, blobPath } from "@millrace/protocol";
import type { Address, Hex } from "viem";

const PATTERNS = [
  /^[1-9]\d{0,14}$/,
  /^0x[0-9a-f]{40}$/,
  /^0x[0-9a-f]{64}$/,
  /^0x[0-9a-f]{64}$/,
  new RegExp(`^(${blobKinds.join("|")})$`),
  /^0x[0-9a-f]{40}$/,
];

/** The parts of a blob's path after the prefix that {@link blobPath} gives it. */
export const keyParts = ["chainId", "market", "jobId", "lotId", "kind", "author"] as const;

/**
 * Reads a key from the parts of its path; undefined unless each is exactly what {@link blobPath} writes. Nothing else
 * ever names a file, so no path leads out of the store.
 */
export function blobKeyOf(parts: readonly unknown[]): BlobKey | undefined {
  if (parts.length !== PATTERNS.length) return undefined;
  const good = parts.every((part, index) => typeof part === "string" && PATTERNS[index]!.test(part));
  if (!good) return undefined;
  const [chainId, market, jobId, lotId, kind, author] = parts as string[];
  return {
    chainId: Number(chainId),
    market: market as Address,
    jobId: jobId as Hex,
    lotId: lotId as Hex,
    kind: kind as BlobKind,
    author: author as Address,
  };
}

/** The folder of a key beneath a store, and what names it in memory: its path without the prefix. */
export function storagePathOf(key: BlobKey): string {
  return blobPath(key).slice("/v1/blobs/".length);
}
