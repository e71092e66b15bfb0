import type { MarketRef } from "@millrace/protocol";
import type { Logger } from "pino";
import type { Catalog } from "./catalog.ts";
import type { Failures } from "./failures.ts";
import type { ServedMarket } from "./market.ts";
import type { Slots } from "./slots.ts";
import type { BlobStore } from "./store/blobStore.ts";
import type { Waiters } from "./waiters.ts";

/** What the handlers of one relay share. */
export interface RelayState {
  /** By {@link marketName}. */
  markets: ReadonlyMap<string, ServedMarket>;
  store: BlobStore;
  catalog: Catalog;
  waiters: Waiters;
  failures: Failures;
  uploadSlots: Slots;
  waiterSlots: Slots;
  /** Requests that have not ended, cleaning up included. */
  running: Set<Promise<void>>;
  maxBlobBytes: number;
  logger: Logger;
  /** The time in Unix milliseconds, never the same twice. */
  nextTimeMs(): number;
}

/** What a relay is doing. */
export interface RelayStatus {
  blobs: number;
  /** Bytes of all blobs together. */
  bytes: number;
  /** Uploads being checked or received. */
  uploading: number;
  /** Uploads that passed every check, their bytes coming. */
  receiving: number;
  /** Readers who wait for a blob to come. */
  waiting: number;
}

export function statusOf({ catalog, uploadSlots, waiterSlots }: RelayState): RelayStatus {
  return {
    blobs: catalog.blobs,
    bytes: catalog.totalBytes,
    uploading: uploadSlots.taken,
    receiving: catalog.reservations,
    waiting: waiterSlots.taken,
  };
}

export function marketName({ chainId, market }: MarketRef): string {
  return `${chainId}/${market.toLowerCase()}`;
}
