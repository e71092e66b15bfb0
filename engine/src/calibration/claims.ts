import { type ClaimedItem, hashTokenIds } from "@millrace/protocol";
import type { ChatResult, Engine } from "../engine.ts";
import { stopReasonOf } from "../output.ts";
import type { CalibrationItem } from "./items.ts";

/** An item, and what somebody says that it came to. */
export interface Claim {
  item: CalibrationItem;
  claimed: ClaimedItem["claimed"];
}

/** Runs an item as it is meant to be. */
export async function claimOf(
  engine: Pick<Engine, "infer">,
  item: CalibrationItem,
  signal?: AbortSignal,
): Promise<Claim> {
  const result = await engine.infer(item.request, { seed: item.seed, ...(signal && { signal }) });
  return { item, claimed: claimedOf(result) };
}

/** How a verifier gets to see a claim. */
export function claimedItemOf(
  { item, claimed }: Claim,
  { contextTokens, epsilon }: { contextTokens: number; epsilon: number },
): ClaimedItem {
  const { request, seed } = item;
  return {
    request,
    seed,
    promptTokensCap: contextTokens,
    outputTokensCap: request.max_tokens,
    claimed,
    epsilon,
  };
}

function claimedOf(result: ChatResult): Claim["claimed"] {
  const { promptTokenIds, tokenIds, fingerprint } = result;
  return {
    stopReason: stopReasonOf(result),
    promptTokens: promptTokenIds.length,
    promptTokensHash: hashTokenIds(promptTokenIds),
    tokenIds,
    fingerprint,
  };
}
