import { bytesToHex, type Hex } from "viem";
import type { BatchRequest } from "../input/readRequests.ts";

/** So much text is hashed at once: a batch can be larger than the longest string there is. */
const PART_CHARACTERS = 1_000_000;

/** Names a batch's input by its content: the model for all of it, ids and requests in order. SHA-256, chained by parts. */
export async function hashInput(requests: readonly BatchRequest[], model: string | undefined): Promise<Hex> {
  let hash: Hex = "0x";
  let part = JSON.stringify([model ?? null]);
  const flush = async () => {
    hash = bytesToHex(
      new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(hash + part))),
    );
    part = "";
  };
  for (const { customId, body } of requests) {
    part += `\n${JSON.stringify([customId, body])}`;
    if (part.length >= PART_CHARACTERS) await flush();
  }
  await flush();
  return hash;
}
