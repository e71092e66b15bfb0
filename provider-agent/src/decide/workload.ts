/** The most that one item can ask for, in tokens. */
export interface ItemCaps {
  promptTokensCap: number;
  outputTokensCap: number;
}

/**
 * What a prompt token costs in time, as a share of an output token. Prefill is several times faster than decoding on any
 * hardware; the share is on the safe side.
 */
const PROMPT_TOKEN_SHARE = 0.25;

/** Where neither a measurement nor experience tells how fast the engine is. */
const PESSIMISTIC_TOKENS_PER_SECOND = 50;

/** How long one item can take at most, as part of a full engine. */
export function secondsPerItem(
  { promptTokensCap, outputTokensCap }: ItemCaps,
  { tokensPerSecond, contextTokens }: { tokensPerSecond: number; contextTokens: number },
): number {
  // Prompt and output share the context, whatever the caps allow.
  const output = Math.min(outputTokensCap, contextTokens);
  const prompt = Math.min(promptTokensCap, contextTokens - output);
  return (output + prompt * PROMPT_TOKEN_SHARE) / (tokensPerSecond || PESSIMISTIC_TOKENS_PER_SECOND);
}

/** What is still to be computed of the lots that are ours. */
export interface Backlog {
  items: number;
  /** How long it takes at most. */
  seconds: number;
  lots: number;
  /** Those of the lots whose input should have come by now. They may never be computed. */
  stuckLots: number;
}

/** A buyer who is there has uploaded a lot's input so soon after its assignment. */
const INPUT_SECONDS = 5;

/**
 * Sums up what is under way.
 *
 * @param now in Unix seconds
 */
export function backlogOf(
  lots: readonly {
    itemsLeft: number;
    caps: ItemCaps;
    /** Since when its input is waited for, in Unix seconds. */
    waitsSince?: number | undefined;
  }[],
  speed: { tokensPerSecond: number; contextTokens: number },
  now: number,
): Backlog {
  const backlog: Backlog = { items: 0, seconds: 0, lots: 0, stuckLots: 0 };
  for (const { itemsLeft, caps, waitsSince } of lots) {
    if (itemsLeft === 0) continue;
    backlog.items += itemsLeft;
    backlog.seconds += itemsLeft * secondsPerItem(caps, speed);
    backlog.lots++;
    if (waitsSince !== undefined && now - waitsSince > INPUT_SECONDS) backlog.stuckLots++;
  }
  return backlog;
}
