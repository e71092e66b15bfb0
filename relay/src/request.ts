import type { BlobKey } from "@millrace/protocol";
import type { Request } from "express";
import { RelayError } from "./errors.ts";
import { blobKeyOf, keyParts } from "./keys.ts";
import type { ServedMarket } from "./market.ts";
import { marketName, type RelayState } from "./state.ts";

/**
 * The blob that a request's path names, and its Market.
 *
 * @throws RelayError `invalid-path`, `unknown-market`
 */
export function keyOf(relay: RelayState, request: Request): { key: BlobKey; market: ServedMarket } {
  const key = blobKeyOf(keyParts.map((part) => request.params[part]));
  if (!key) {
    throw new RelayError("The path does not name a blob.", {
      code: "invalid-path",
      hints: ["It is /v1/blobs/CHAIN/MARKET/JOB/LOT/KIND/AUTHOR, all in lower case."],
    });
  }
  const market = relay.markets.get(marketName(key));
  if (!market) {
    throw new RelayError("This relay does not serve that market.", {
      code: "unknown-market",
      details: `It serves ${[...relay.markets.keys()].join(", ")}.`,
    });
  }
  return { key, market };
}
