import {
  authorOf,
  type BlobKind,
  getBlob,
  hashChunks,
  identityFromBytes,
  type Lot,
  lotIdOf,
  open,
} from "@millrace/protocol";
import { type Hex, hexToBytes } from "viem";
import type { Chain } from "../chain/chain.ts";
import { AgentError } from "../errors.ts";

/**
 * Fetches a blob by its hash from the first relay that has it.
 *
 * @throws AgentError `evidence-missing` if no relay has it now
 */
export async function fetchSealed(
  { network, ref }: Pick<Chain, "network" | "ref">,
  { lot, kind, contentHash, signal }: { lot: Lot; kind: BlobKind; contentHash: Hex; signal: AbortSignal },
): Promise<Uint8Array> {
  const key = { ...ref, jobId: lot.jobId, lotId: lotIdOf(lot), kind, author: authorOf(kind, lot) };
  const problems: unknown[] = [];
  for (const relay of network.relays) {
    try {
      const bytes = await getBlob(relay, { key, contentHash, signal });
      if (bytes && hashChunks(bytes) === contentHash) return bytes;
    } catch (error) {
      signal.throwIfAborted();
      problems.push(error);
    }
  }
  throw new AgentError("No relay has it.", {
    code: "evidence-missing",
    retryable: true,
    details: `${kind} ${contentHash}`,
    cause: problems.length > 0 ? new AggregateError(problems) : undefined,
  });
}

/**
 * The age identity that was wrapped to a juror's key.
 *
 * @throws AgentError `evidence-unusable`
 */
export async function unwrapIdentity(identity: string, wrapped: Hex): Promise<string> {
  const bytes = await usable("The key", open(identity, hexToBytes(wrapped)));
  if (bytes.length === IDENTITY_BYTES) return identityFromBytes(bytes);
  throw unusable("The key", new RangeError(`${bytes.length} bytes`));
}

/**
 * Opens a blob.
 *
 * @throws AgentError `evidence-unusable`
 */
export function openSealed(identity: string, sealed: Uint8Array): Promise<Uint8Array> {
  return usable("The blob", open(identity, sealed));
}

/** An X25519 key, as age has it. */
const IDENTITY_BYTES = 32;

async function usable<T>(what: string, opened: Promise<T>): Promise<T> {
  try {
    return await opened;
  } catch (cause) {
    throw unusable(what, cause);
  }
}

export function unusable(what: string, cause: unknown): AgentError {
  return new AgentError(`${what} of a case cannot be used.`, {
    code: "evidence-unusable",
    details: cause instanceof Error ? cause.message : String(cause),
    cause,
  });
}
