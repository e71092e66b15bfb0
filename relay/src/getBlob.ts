import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { blobHeaders, MillraceError } from "@millrace/protocol";
import type { Request, Response } from "express";
import type { Hex } from "viem";
import { RelayError } from "./errors.ts";
import { storagePathOf } from "./keys.ts";
import { keyOf } from "./request.ts";
import type { RelayState } from "./state.ts";
import type { StoredBlob } from "./store/blobStore.ts";

/** The longest that a request is held, whatever it asks for: proxies cut silent connections after half a minute. */
const MAX_WAIT_SECONDS = 25;

/**
 * Streams a blob: the latest version, or with `?contentHash=` that one. With `?waitSeconds=` the answer may wait until
 * the blob has come.
 */
export async function getBlob(relay: RelayState, request: Request, response: Response): Promise<void> {
  const { key } = keyOf(relay, request);
  const contentHash = readContentHash(request);
  const waitMs = readWaitMs(request);
  let blob = relay.catalog.find(key, contentHash);
  if (!blob && waitMs > 0) {
    const left = new AbortController();
    response.once("close", () => left.abort());
    using _slot = relay.waiterSlots.take(request.ip);
    const endsAt = performance.now() + waitMs;
    // Again after each announcement, as another version than the one asked for may have come.
    do {
      await relay.waiters.wait(storagePathOf(key), endsAt - performance.now(), left.signal);
      blob = relay.catalog.find(key, contentHash);
    } while (!blob && !relay.waiters.closed && !left.signal.aborted && performance.now() < endsAt);
  }
  if (response.destroyed) return;
  if (!blob) {
    if (relay.waiters.closed) throw new RelayError("The relay is closing.", { code: "relay-closing" });
    throw new RelayError("The relay does not have this blob.", { code: "blob-not-found" });
  }
  await send(relay, blob, request, response);
}

async function send(relay: RelayState, blob: StoredBlob, request: Request, response: Response) {
  try {
    await using opened = await relay.store.open(blob);
    response.set({
      "content-type": "application/octet-stream",
      "content-length": String(blob.sizeBytes),
      etag: `"${blob.contentHash}"`,
      // The latest version may change; one asked for by its hash never does, but it may age away.
      "cache-control": "no-cache",
      [blobHeaders.contentHash]: blob.contentHash,
      [blobHeaders.signature]: opened.signature,
    });
    if (request.fresh) {
      response.removeHeader("content-length");
      response.status(304).end();
      return;
    }
    if (request.method === "HEAD") {
      response.end();
      return;
    }
    await pipeline(Readable.from(opened.bytes), response);
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== "damaged-blob") throw error;
    // Forgotten, so that its author can put it again. What has been sent lacks its end, which the reader notices.
    relay.logger.error({ error, key: blob.key, contentHash: blob.contentHash }, "a stored blob is damaged");
    relay.catalog.remove(blob);
    await relay.store.remove(blob);
    throw new RelayError("The relay has lost this blob.", { code: "blob-not-found", cause: error });
  }
}

function readContentHash(request: Request): Hex | undefined {
  const value = request.query.contentHash;
  if (value === undefined) return undefined;
  if (typeof value !== "string" || !/^0x[0-9a-f]{64}$/i.test(value)) {
    throw new RelayError("`contentHash` is not a hash.", { code: "invalid-query" });
  }
  return value.toLowerCase() as Hex;
}

function readWaitMs(request: Request): number {
  const value = request.query.waitSeconds;
  if (value === undefined) return 0;
  if (typeof value !== "string" || !/^\d{1,6}(\.\d{1,6})?$/.test(value)) {
    throw new RelayError("`waitSeconds` is not a number of seconds.", { code: "invalid-query" });
  }
  return Math.min(Number(value), MAX_WAIT_SECONDS) * 1_000;
}
