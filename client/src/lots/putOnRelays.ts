import { type BlobKind, type Lot, MillraceError, putBlob } from "@millrace/protocol";
import type { SigningCore } from "../core/core.ts";

/**
 * Puts sealed bytes of a lot on the relays. One relay that takes them is enough.
 *
 * @throws MillraceError `relay-unreachable` (retryable) or `relay-refused`, of the last relay, if none took it
 */
export async function putOnRelays(
  core: SigningCore,
  { lot, kind, bytes, signal }: { lot: Lot; kind: BlobKind; bytes: Uint8Array; signal: AbortSignal },
): Promise<void> {
  const { network: ref, account, relays } = core;
  const put = (relay: string) => putBlob(relay, { ref, lot, kind, account, bytes, signal });
  const outcomes = await Promise.allSettled(relays.map(put));
  if (outcomes.some(({ status }) => status === "fulfilled")) return;
  const reasons = outcomes.map((outcome) => (outcome as PromiseRejectedResult).reason as unknown);
  // A relay that may take it later outweighs one that never will.
  throw reasons.find((reason) => reason instanceof MillraceError && reason.retryable) ?? reasons[0];
}
