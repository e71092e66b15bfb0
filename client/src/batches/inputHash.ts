import { type Hex, keccak256, stringToBytes } from "viem";
import type { BatchRequest } from "../input/readRequests.ts";

/** Names a batch's input by its content: ids, requests and the model for all of them, in order. */
export function hashInput(requests: readonly BatchRequest[], model: string | undefined): Hex {
  // One request at a time: a batch can be larger than the longest string there is.
  return requests.reduce<Hex>(
    (hash, { customId, body }) => keccak256(stringToBytes(JSON.stringify([hash, customId, body]))),
    keccak256(stringToBytes(model ?? "")),
  );
}
