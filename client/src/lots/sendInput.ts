import { encodeInput, type Lot, seal } from "@millrace/protocol";
import type { Hex } from "viem";
import type { SigningCore } from "../core/core.ts";
import type { JobInput } from "../input/items.ts";
import { putOnRelays } from "./putOnRelays.ts";

/**
 * Puts a lot's input on the relays, sealed to its provider.
 *
 * @throws MillraceError `relay-unreachable` (retryable) or `relay-refused`, of the last relay, if none took it
 */
export async function sendInput(
  core: SigningCore,
  {
    lot,
    encryptionKey,
    input,
    signal,
  }: { lot: Lot; encryptionKey: Hex; input: JobInput; signal: AbortSignal },
): Promise<void> {
  const bytes = await seal(encryptionKey, encodeInput({ jobId: lot.jobId, ...input }, lot));
  await putOnRelays(core, { lot, kind: "input", bytes, signal });
}
