import type { LlamaContextSequence, Token } from "node-llama-cpp";

/**
 * Takes the sequence whose state shares the longest prefix with the prompt, so that an opening common to many
 * requests is evaluated once per sequence.
 */
export function takeMostAlike(idle: LlamaContextSequence[], promptTokenIds: Token[]): LlamaContextSequence {
  let best = 0;
  let longest = -1;
  for (const [index, sequence] of idle.entries()) {
    const { firstDifferentIndex } = sequence.compareContextTokens(promptTokenIds);
    if (firstDifferentIndex > longest) [best, longest] = [index, firstDifferentIndex];
  }
  return idle.splice(best, 1)[0]!;
}
