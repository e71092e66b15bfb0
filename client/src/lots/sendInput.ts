import { encodeInput, type Lot, MillraceError, putBlob, seal } from "@millrace/protocol";
import type { Hex } from "viem";
import type { SigningCore } from "../core/core.ts";
import type { JobInput } from "../input/items.ts";

/**
 * Puts a lot's input on the relays, sealed to its provider. One relay that takes it is enough.
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
  const { network: ref, account, relays } = core;
  const put = (relay: string) => putBlob(relay, { ref, lot, kind: "input", account, bytes, signal });
  const outcomes = await Promise.allSettled(relays.map(put));
  if (outcomes.some(({ status }) => status === "fulfilled")) return;
  const reasons = outcomes.map((outcome) => (outcome as PromiseRejectedResult).reason as unknown);
  // A relay that may take it later outweighs one that never will.
  throw reasons.find((reason) => reason instanceof MillraceError && reason.retryable) ?? reasons[0];
}
