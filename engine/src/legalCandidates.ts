import { CANDIDATES, type Row, type Sampler, scoreAt } from "@millrace/protocol";
import type { Token } from "node-llama-cpp";
import type { GrammarCursor } from "./grammarCursor.ts";

/** Under a grammar, the candidates are the first 64 legal ones of so many. */
export const GRAMMAR_CANDIDATES = 256;

/**
 * The token to take under a grammar; `undefined` if none of the row's is legal.
 *
 * To ask whether a token is legal takes 5 µs and more, so candidates are asked for from the highest score down: where
 * most are legal, the first or second is the one.
 */
export function pickLegal(row: Row, sampler: Sampler, grammar: GrammarCursor): Token | undefined {
  const isLegal = rememberLegal(row, grammar);
  for (const index of byScore(row, sampler)) {
    if (isLegal(index) && isCandidate(index, isLegal)) return row.tokenIds[index] as Token;
  }
  return undefined;
}

/** Indices of the row's first {@link GRAMMAR_CANDIDATES}, highest score first, of equal ones the lowest id. */
export function byScore(row: Row, sampler: Sampler): number[] {
  const most = Math.min(row.count, GRAMMAR_CANDIDATES);
  const scores = Float64Array.from({ length: most }, (_, index) => scoreAt(row, index, sampler));
  const indices = Array.from(scores.keys());
  return indices.sort((a, b) => scores[b]! - scores[a]! || row.tokenIds[a]! - row.tokenIds[b]!);
}

/** Whether a legal entry is among the first 64 legal ones. */
function isCandidate(index: number, isLegal: (index: number) => boolean): boolean {
  let before = 0;
  // As long as enough are left that those before it could be 64.
  for (let other = 0; before < CANDIDATES && before + index - other >= CANDIDATES; other++) {
    if (isLegal(other)) before++;
  }
  return before < CANDIDATES;
}

/** Asks for each entry of a row once. */
export function rememberLegal(row: Row, grammar: GrammarCursor): (index: number) => boolean {
  const known: (boolean | undefined)[] = [];
  return (index) => (known[index] ??= grammar.isLegal(row.tokenIds[index] as Token));
}
