import { type Address, bytesToHex, type Hex, type LocalAccount } from "viem";
import { hashChunks } from "./chunks.ts";
import { MillraceError } from "./errors.ts";
import { lotIdOf } from "./hashes.ts";
import { blobTypes, marketDomain } from "./typedData.ts";
import type { Lot, MarketRef } from "./types.ts";

/** Blob kinds; {@link authorOf} says who may write them. */
export const blobKinds = ["input", "results", "results-key", "evidence"] as const;
export type BlobKind = (typeof blobKinds)[number];

/** Names one blob on a relay. */
export interface BlobKey extends MarketRef {
  jobId: Hex;
  lotId: Hex;
  kind: BlobKind;
  author: Address;
}

/** Headers of a blob request, beside the standard ones. */
export const blobHeaders = {
  contentHash: "millrace-content-hash",
  signature: "millrace-signature",
  /** The Lot's terms as base64url of {@link encodeLot}: the relay checks them against the lotId, then on-chain. */
  lot: "millrace-lot",
} as const;

/** Whose blob it is: the lot's buyer writes input and evidence, its provider the rest, or an operator of theirs for them. */
export function authorOf(kind: BlobKind, lot: Lot): Address {
  switch (kind) {
    case "input":
    case "evidence":
      return lot.buyer;
    case "results":
    case "results-key":
      return lot.provider;
  }
}

/** The path of a blob beneath a relay's URL. */
export function blobPath({ chainId, market, jobId, lotId, kind, author }: BlobKey): string {
  return ["/v1/blobs", chainId, market, jobId, lotId, kind, author].join("/").toLowerCase();
}

/** A lot as JSON, amounts as decimal strings. */
export function encodeLot(lot: Lot): string {
  return JSON.stringify(lot, (_, value) => (typeof value === "bigint" ? value.toString() : value));
}

/** Reads what {@link encodeLot} wrote. Does not validate: compare {@link lotIdOf} of the result with an id you trust. */
export function decodeLot(json: string): Lot {
  const raw = JSON.parse(json) as Record<string, unknown>;
  const amounts = [
    "promptPricePerMillion",
    "outputPricePerMillion",
    "escrow",
    "collateral",
    "penalty",
    "releaseCharge",
  ];
  return {
    ...raw,
    ...Object.fromEntries(amounts.map((name) => [name, BigInt(String(raw[name]))])),
  } as unknown as Lot;
}

/**
 * Puts a sealed blob on a relay.
 *
 * @param account signs it: its author, or an operator of theirs
 * @throws MillraceError `relay-unreachable` (retryable) or `relay-refused` with the relay's reason.
 */
export async function putBlob(
  relayUrl: string,
  {
    ref,
    lot,
    kind,
    account,
    bytes,
    signal,
  }: {
    ref: MarketRef;
    lot: Lot;
    kind: BlobKind;
    account: Pick<LocalAccount, "signTypedData">;
    bytes: Uint8Array;
    signal?: AbortSignal;
  },
): Promise<void> {
  const key: BlobKey = { ...ref, jobId: lot.jobId, lotId: lotIdOf(lot), kind, author: authorOf(kind, lot) };
  const contentHash = hashChunks(bytes);
  const signature = await account.signTypedData({
    domain: marketDomain(ref),
    types: blobTypes,
    primaryType: "Blob",
    message: {
      jobId: key.jobId,
      lotId: key.lotId,
      kind,
      author: key.author,
      contentHash,
      sizeBytes: BigInt(bytes.length),
    },
  });
  const response = await request(new URL(blobPath(key), relayUrl), {
    method: "PUT",
    headers: {
      "content-type": "application/octet-stream",
      [blobHeaders.contentHash]: contentHash,
      [blobHeaders.signature]: signature,
      [blobHeaders.lot]: toBase64Url(encodeLot(lot)),
    },
    body: bytes as Uint8Array<ArrayBuffer>,
    signal: signal ?? null,
  });
  if (!response.ok) throw await refusal(response);
}

/**
 * Fetches a blob, or undefined if the relay does not have it (yet).
 *
 * The bytes are not trusted: an input is checked against the job's input root, results against their commitment.
 *
 * @param contentHash which version: a relay keeps several of one key. Default: the latest.
 * @param waitSeconds how long the relay may hold the request until the blob comes. Default: 0.
 * @throws MillraceError `relay-unreachable` (retryable) or `relay-refused`.
 */
export async function getBlob(
  relayUrl: string,
  {
    key,
    contentHash,
    waitSeconds = 0,
    signal,
  }: { key: BlobKey; contentHash?: Hex; waitSeconds?: number; signal?: AbortSignal },
): Promise<Uint8Array | undefined> {
  const url = new URL(blobPath(key), relayUrl);
  if (contentHash) url.searchParams.set("contentHash", contentHash);
  if (waitSeconds > 0) url.searchParams.set("waitSeconds", String(waitSeconds));
  const response = await request(url, { signal: signal ?? null });
  if (response.status === 404) {
    await response.body?.cancel();
    return undefined;
  }
  if (!response.ok) throw await refusal(response);
  // A body can break off after its head has come.
  return new Uint8Array(await reach(url, signal, () => response.arrayBuffer()));
}

function request(url: URL, init: RequestInit): Promise<Response> {
  return reach(url, init.signal, () => fetch(url, init));
}

async function reach<T>(
  url: URL,
  signal: AbortSignal | null | undefined,
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new MillraceError(`The relay at ${url.origin} does not answer.`, {
      code: "relay-unreachable",
      retryable: true,
      cause,
    });
  }
}

async function refusal(response: Response): Promise<MillraceError> {
  const body = await response.text().catch(() => "");
  return new MillraceError(`The relay answered ${response.status}.`, {
    code: "relay-refused",
    retryable: response.status >= 500 || response.status === 429,
    details: body.slice(0, 500),
  });
}

function toBase64Url(text: string): string {
  return btoa(bytesToBinary(new TextEncoder().encode(text)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

function bytesToBinary(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

/** A fresh 32-byte secret. */
export function randomSecret(): Hex {
  return bytesToHex(crypto.getRandomValues(new Uint8Array(32)));
}
