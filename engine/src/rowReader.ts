import type { Row } from "@millrace/protocol";
import type { LlamaContextSequence, LlamaGrammarEvaluationState, Token } from "node-llama-cpp";
import { evaluateRows, rowOf, topCandidates } from "./rows.ts";

/** What the model says of one position after the other. */
export interface RowReader {
  /** What it said of the prompt's last token: once `next` was called, and only if the prompt has two. */
  readonly ofPrompt: Row | undefined;
  /** The row behind the prompt and all that was pushed. */
  next(): Promise<Row>;
  /** Of the same row once more, the most probable token of the whole vocabulary that a grammar allows. */
  mostProbableLegal(state: LlamaGrammarEvaluationState): Promise<Token>;
  push(tokenId: Token): void;
  end(): Promise<void>;
}

/**
 * Reads rows off a sequence that holds some prefix of the prompt, without its last two tokens at most.
 *
 * Token by token the library's generator is used and not `controlledEvaluate`, which makes and frees a native sampler
 * at each call.
 */
export function readRows(
  sequence: LlamaContextSequence,
  promptTokenIds: readonly Token[],
  candidates: number,
): RowReader {
  let ofPrompt: Row | undefined;
  let pushed: Token | undefined;
  let evaluation: ReturnType<typeof evaluate> | undefined;

  function evaluate(first: Token) {
    const options = { ...topCandidates(candidates), yieldEogToken: true };
    return sequence.evaluateWithMetadata([first], { probabilities: true }, options);
  }

  return {
    get ofPrompt() {
      return ofPrompt;
    },
    async next() {
      if (pushed === undefined) {
        const rest = promptTokenIds.slice(sequence.nextTokenIndex);
        const rowCount = Math.min(2, promptTokenIds.length);
        const rows = await evaluateRows(sequence, rest, { rowCount, candidates });
        ofPrompt = rows.at(-2);
        return rows.at(-1)!;
      }
      const isUnderway = evaluation !== undefined;
      evaluation ??= evaluate(pushed);
      // What a generator is first sent, it does not see.
      const { value } = await (isUnderway ? evaluation.next(pushed) : evaluation.next());
      return rowOf(value!.probabilities);
    },
    async mostProbableLegal(state) {
      const end = sequence.nextTokenIndex;
      await sequence.eraseContextTokenRanges([{ start: end - 1, end }]);
      const last = pushed ?? promptTokenIds.at(-1)!;
      // Asked for probabilities, the library masks the whole vocabulary before it takes the first one.
      const options = { ...topCandidates(1), yieldEogToken: true, grammarEvaluationState: state };
      const again = sequence.evaluateWithMetadata([last], { probabilities: true }, options);
      try {
        const { value } = await again.next();
        return value!.token;
      } finally {
        await again.return();
      }
    },
    push(tokenId) {
      pushed = tokenId;
    },
    async end() {
      await evaluation?.return();
    },
  };
}
