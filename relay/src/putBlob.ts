import type { Request, Response } from "express";
import { RelayError } from "./errors.ts";
import { storagePathOf } from "./keys.ts";
import { keyOf } from "./request.ts";
import type { RelayState } from "./state.ts";
import { checkedBytes, readUpload } from "./upload.ts";

/** Stores a blob: 201 when it is new, 204 when these bytes are here already. Checks come in order of their cost. */
export async function putBlob(relay: RelayState, request: Request, response: Response): Promise<void> {
  const { catalog, store, waiters } = relay;
  if (waiters.closed) throw new RelayError("The relay is closing.", { code: "relay-closing" });
  const { key, market } = keyOf(relay, request);
  const upload = readUpload(request, key, relay.maxBlobBytes);
  using _slot = relay.uploadSlots.take(request.ip);
  relay.failures.check(request.ip);
  await market.check(upload).catch((error: unknown) => {
    // The chain's silence is nobody's fault.
    if (!(error instanceof RelayError && error.code === "chain-unavailable"))
      relay.failures.count(request.ip);
    throw error;
  });
  const { contentHash, sizeBytes, signature } = upload;
  if (catalog.find(key, contentHash)) {
    response.status(204).end();
    return;
  }
  using room = catalog.reserve(key, sizeBytes);
  // So that answering early, when the disk is full, does not close the connection that the answer needs.
  const bytes = checkedBytes(request.iterator({ destroyOnReturn: false }), upload);
  const blob = { key, contentHash, sizeBytes, receivedAtMs: relay.nextTimeMs() };
  await store.write(blob, signature, bytes);
  // A twin may have come in meanwhile.
  if (catalog.find(key, contentHash)) {
    await store.remove(blob);
    response.status(204).end();
    return;
  }
  room[Symbol.dispose]();
  catalog.add(blob);
  waiters.announce(storagePathOf(key));
  response.status(201).end();
}
