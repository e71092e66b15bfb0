import { type BlobKey, getBlob, type Lot, lotIdOf } from "@millrace/protocol";
import type { Hex } from "viem";
import type { Core } from "../core/core.ts";

/** How long a relay may hold a request for a blob that has not come. */
const WAIT_SECONDS = 5;

/**
 * Fetches what a lot's provider delivered from whichever relay has the right bytes first.
 *
 * @param contentHash which version, where it is known. Default: the latest.
 * @param accept returns what the caller needs of right bytes, undefined for wrong ones
 * @returns undefined if no relay has the right bytes now; `isWrong` tells whether one had wrong ones
 * @throws the last relay's error if none of them could be asked
 */
export async function fetchBlob<T>(
  { network, relays }: Core,
  {
    lot,
    kind,
    contentHash,
    accept,
    signal,
  }: {
    lot: Lot;
    kind: "results" | "results-key";
    contentHash?: Hex;
    accept: (bytes: Uint8Array) => Promise<T | undefined>;
    signal: AbortSignal;
  },
): Promise<{ value: T | undefined; isWrong: boolean }> {
  const { chainId, market } = network;
  const key: BlobKey = { chainId, market, jobId: lot.jobId, lotId: lotIdOf(lot), kind, author: lot.provider };
  const found = new AbortController();
  const either = AbortSignal.any([signal, found.signal]);
  let isWrong = false;
  const ask = async (relay: string): Promise<T | undefined> => {
    const bytes = await getBlob(relay, {
      key,
      waitSeconds: WAIT_SECONDS,
      signal: either,
      ...(contentHash && { contentHash }),
    });
    if (!bytes) return undefined;
    const value = await accept(bytes);
    if (value === undefined) isWrong = true;
    else found.abort();
    return value;
  };
  const outcomes = await Promise.allSettled(relays.map(ask));
  signal.throwIfAborted();
  const right = outcomes.find((outcome) => outcome.status === "fulfilled" && outcome.value !== undefined);
  if (right?.status === "fulfilled") return { value: right.value, isWrong: false };
  const failures = outcomes.filter((outcome) => outcome.status === "rejected");
  if (failures.length === outcomes.length && failures.length > 0) throw failures.at(-1)!.reason;
  return { value: undefined, isWrong };
}
