import {
  authorOf,
  type BlobKey,
  blobHeaders,
  ChunkHasher,
  decodeLot,
  type Lot,
  lotIdOf,
} from "@millrace/protocol";
import type { Request } from "express";
import type { Hex } from "viem";
import { z } from "zod";
import { RelayError } from "./errors.ts";

/** What a PUT says of itself before its bytes come. */
export interface Upload {
  key: BlobKey;
  lot: Lot;
  contentHash: Hex;
  sizeBytes: number;
  signature: Hex;
}

const hash = z.templateLiteral(["0x", z.string().regex(/^[0-9a-f]{64}$/)]);
const address = z.templateLiteral(["0x", z.string().regex(/^[0-9a-fA-F]{40}$/)]);
const amount = z.string().regex(/^\d{1,29}$/);
const uint = (bits: number) =>
  z
    .int()
    .min(0)
    .max(2 ** bits - 1);

const lotSchema = z.strictObject({
  jobId: hash,
  buyer: address,
  provider: address,
  firstItem: uint(32),
  itemCount: uint(32),
  attempt: uint(16),
  promptPricePerMillion: amount,
  outputPricePerMillion: amount,
  escrow: amount,
  collateral: amount,
  penalty: amount,
  releaseCharge: amount,
  graceEndsAt: uint(40),
  deadline: uint(40),
  windowSeconds: uint(32),
  feeBps: uint(16),
  bountyBps: uint(16),
});

/**
 * Reads a PUT's headers and checks all that needs no chain: the lot is that of the path, and the author has the role
 * that this kind of blob asks for.
 *
 * @throws RelayError `length-required`, `blob-too-large`, `invalid-header`, `invalid-lot`, `lot-mismatch`, `wrong-author`
 */
export function readUpload(request: Request, key: BlobKey, maxBlobBytes: number): Upload {
  const length = request.get("content-length");
  if (length === undefined) {
    throw new RelayError("The blob's size is signed, so `content-length` must come with it.", {
      code: "length-required",
    });
  }
  const sizeBytes = Number(length);
  if (sizeBytes > maxBlobBytes) {
    throw new RelayError("The blob is too large for this relay.", {
      code: "blob-too-large",
      details: `${sizeBytes} bytes came, ${maxBlobBytes} are allowed.`,
    });
  }
  const contentHash = readHex(request, blobHeaders.contentHash, /^0x[0-9a-f]{64}$/i);
  const signature = readHex(request, blobHeaders.signature, /^0x([0-9a-f]{2})+$/i);
  const lot = readLot(request.get(blobHeaders.lot) ?? "");
  if (lotId(lot) !== key.lotId || lot.jobId !== key.jobId) {
    throw new RelayError("The lot's terms are not those of the lot in the path.", { code: "lot-mismatch" });
  }
  const author = authorOf(key.kind, lot).toLowerCase();
  if (author !== key.author) {
    throw new RelayError(`Only ${author} may write the ${key.kind} of this lot.`, { code: "wrong-author" });
  }
  return { key, lot, contentHash, sizeBytes, signature };
}

/**
 * Passes on the bytes of an upload, keeping the last part back until all are known to be what was signed.
 *
 * @throws RelayError `content-mismatch`
 */
export async function* checkedBytes(
  bytes: AsyncIterable<Uint8Array>,
  { contentHash, sizeBytes }: Pick<Upload, "contentHash" | "sizeBytes">,
): AsyncGenerator<Uint8Array> {
  const hasher = new ChunkHasher();
  let last: Uint8Array | undefined;
  for await (const part of bytes) {
    if (last) yield last;
    last = part;
    hasher.update(part);
  }
  if (hasher.sizeBytes !== sizeBytes || hasher.digest() !== contentHash) {
    throw new RelayError("The bytes are not those that were signed.", { code: "content-mismatch" });
  }
  if (last) yield last;
}

function readHex(request: Request, name: string, pattern: RegExp): Hex {
  const value = request.get(name) ?? "";
  if (!pattern.test(value)) {
    throw new RelayError(`The header \`${name}\` is missing or malformed.`, { code: "invalid-header" });
  }
  return value.toLowerCase() as Hex;
}

function readLot(header: string): Lot {
  try {
    const json = Buffer.from(header, "base64url").toString();
    lotSchema.parse(JSON.parse(json));
    return decodeLot(json);
  } catch (cause) {
    throw invalidLot(cause);
  }
}

function lotId(lot: Lot): Hex {
  try {
    return lotIdOf(lot);
  } catch (cause) {
    throw invalidLot(cause);
  }
}

function invalidLot(cause: unknown): RelayError {
  return new RelayError("The header `millrace-lot` does not hold a lot's terms.", {
    code: "invalid-lot",
    cause,
  });
}
