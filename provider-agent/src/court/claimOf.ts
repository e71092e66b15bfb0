import {
  type ClaimedItem,
  type ItemInput,
  type ItemResult,
  itemSeed,
  type Lot,
  type Tolerance,
} from "@millrace/protocol";

/**
 * What an engine needs to score one item of a lot.
 *
 * @param index counts from 0 within the lot
 */
export function claimOf(
  { jobId, firstItem }: Pick<Lot, "jobId" | "firstItem">,
  { index, input, result }: { index: number; input: ItemInput; result: ItemResult },
  { epsilon }: Tolerance,
): ClaimedItem {
  const { stopReason, promptTokens, promptTokensHash, tokenIds, fingerprint } = result;
  return {
    request: parseIfAny(input.request),
    seed: itemSeed(jobId, firstItem + index, input.requesterSeed),
    promptTokensCap: input.promptTokensCap,
    outputTokensCap: input.outputTokensCap,
    claimed: { stopReason, promptTokens, promptTokensHash, tokenIds, fingerprint },
    epsilon,
  };
}

/** What is no JSON is no request either: the engine says so. */
function parseIfAny(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
