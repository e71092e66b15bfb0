import type { Token } from "node-llama-cpp";

/** Turns token ids into text, as the model's tokenizer does. */
export type Detokenize = (tokenIds: readonly Token[]) => string;

export interface StopMatch {
  stopString: string;
  /** How many tokens it took to complete the stop string. */
  tokenCount: number;
  /** The output before the stop string. */
  text: string;
}

/** Watches a growing output for the first occurrence of any of some texts. */
export interface StopWatcher {
  /** Call after each token. @param tokenIds all tokens of the output so far */
  completedBy(tokenIds: readonly Token[]): StopMatch | undefined;
}

/**
 * A stop string may begin and end inside tokens, and a character may be spread over several, so the text itself is
 * searched. Only as many last tokens are looked at as could hold the longest stop string.
 */
export function watchForStops(stopStrings: readonly string[], detokenize: Detokenize): StopWatcher {
  if (stopStrings.length === 0) return { completedBy: () => undefined };
  // A visible token carries at least one byte. The rest allows for a character cut in two by the window's start.
  const windowTokens = Math.max(...stopStrings.map((stop) => Buffer.byteLength(stop))) + 4;
  return {
    completedBy(tokenIds) {
      const tail = detokenize(tokenIds.slice(-windowTokens));
      if (!stopStrings.some((stop) => tail.includes(stop))) return undefined;
      const earliest = findEarliest(detokenize(tokenIds), stopStrings);
      return earliest && { ...earliest, tokenCount: tokenIds.length };
    },
  };
}

/** What stands before the first of these texts, if one is there. */
export function findEarliest(
  text: string,
  stopStrings: readonly string[],
): { stopString: string; text: string } | undefined {
  let earliest: { stopString: string; index: number } | undefined;
  for (const stopString of stopStrings) {
    const index = text.indexOf(stopString);
    if (index >= 0 && (!earliest || index < earliest.index)) earliest = { stopString, index };
  }
  return earliest && { stopString: earliest.stopString, text: text.slice(0, earliest.index) };
}
