import { type BlobKind, identityBytes, putBlob, seal } from "@millrace/protocol";
import { type Commitment, readSealedResults } from "../commit/commitLot.ts";
import { AgentError } from "../errors.ts";
import type { StageContext } from "../lots/context.ts";
import type { OwnLot } from "../lots/lotBook.ts";

/**
 * Puts a lot's sealed results on the relays. Nobody can open them yet.
 *
 * @throws AgentError `no-relay-took-it`
 */
export async function deliverResults(context: StageContext, own: OwnLot): Promise<void> {
  await putOnRelays(context, own, "results", await readSealedResults(own));
}

/**
 * Hands the buyer the key of the results, wrapped to them. Only after `submit` is mined: before that it would give the
 * work away.
 *
 * @throws AgentError `no-relay-took-it`
 */
export async function deliverKey(
  context: StageContext,
  own: OwnLot,
  { identity }: Commitment,
): Promise<void> {
  const wrapped = await seal(own.job.request.encryptionKey, identityBytes(identity));
  await putOnRelays(context, own, "results-key", wrapped);
}

/** Every relay is tried; one that takes the blob is enough. */
async function putOnRelays(
  { chain, account, logger, signal }: StageContext,
  { lot, lotId }: OwnLot,
  kind: BlobKind,
  bytes: Uint8Array,
): Promise<void> {
  const puts = chain.network.relays.map((relay) =>
    putBlob(relay, { ref: chain.ref, lot, kind, account, bytes, signal }).catch((error: unknown) => {
      logger.warn({ lotId, kind, relay, error: String(error) }, "a relay did not take a blob");
      throw error;
    }),
  );
  try {
    await Promise.any(puts);
  } catch (cause) {
    signal.throwIfAborted();
    throw new AgentError("No relay took the blob.", { code: "no-relay-took-it", retryable: true, cause });
  }
  // The others may take their time, but not longer than the agent lives.
  await Promise.allSettled(puts);
}
