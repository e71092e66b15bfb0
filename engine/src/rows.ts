import type { Row } from "@millrace/protocol";
import type {
  ControlledEvaluateInputItem,
  LlamaContextSequence,
  SequenceEvaluateOptions,
  Token,
} from "node-llama-cpp";

/**
 * How to ask llama.cpp for the `count` most probable tokens; 0 for all. Its own choice among them is never used. With a
 * temperature of 0 it would return the whole vocabulary instead.
 */
export function topCandidates(count: number) {
  return { temperature: 1, topK: count, topP: 1, minP: 0, seed: 1 } satisfies SequenceEvaluateOptions;
}

/**
 * Evaluates tokens behind what the sequence holds.
 *
 * @param rowCount rows are asked for of so many last tokens only
 * @param candidates of each row; 0 for the whole vocabulary
 */
export async function evaluateRows(
  sequence: LlamaContextSequence,
  tokenIds: readonly Token[],
  { rowCount, candidates }: { rowCount: number; candidates: number },
): Promise<Row[]> {
  const generateNext = { probabilities: true, options: topCandidates(candidates) };
  const firstRow = tokenIds.length - rowCount;
  const input = tokenIds.map(
    (tokenId, index): ControlledEvaluateInputItem =>
      index < firstRow ? tokenId : [tokenId, { generateNext }],
  );
  const rows: Row[] = [];
  // By batches, so that of a long text not all rows are there as the library's maps, which take four times the memory.
  for (let start = 0; start < input.length; start += sequence.context.batchSize) {
    const outputs = await sequence.controlledEvaluate(input.slice(start, start + sequence.context.batchSize));
    for (const output of outputs) if (output) rows.push(rowOf(output.next.probabilities!));
  }
  return rows;
}

/**
 * The candidates of one row as llama.cpp sorted them, with ties put in order of their ids: its sort leaves those as
 * chance has it, and two machines have to see the same first candidate.
 */
export function rowOf(probabilities: ReadonlyMap<Token, number>): Row {
  const count = probabilities.size;
  const tokenIds = new Uint32Array(count);
  const logProbs = new Float64Array(count);
  let size = 0;
  for (const [tokenId, probability] of probabilities) {
    const logProb = Math.log(probability);
    let place = size++;
    for (; place > 0 && logProbs[place - 1] === logProb && tokenIds[place - 1]! > tokenId; place--) {
      tokenIds[place] = tokenIds[place - 1]!;
      logProbs[place] = logProb;
    }
    tokenIds[place] = tokenId;
    logProbs[place] = logProb;
  }
  return { tokenIds, logProbs, count };
}

/** The row's entries at the indices that `isWanted` admits, in the same order. */
export function filterRow({ tokenIds, logProbs, count }: Row, isWanted: (index: number) => boolean): Row {
  const wanted = Array.from({ length: count }, (_, index) => index).filter(isWanted);
  return {
    tokenIds: wanted.map((index) => tokenIds[index]!),
    logProbs: wanted.map((index) => logProbs[index]!),
    count: wanted.length,
  };
}
