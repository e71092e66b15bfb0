import { CANDIDATES, type ClaimedItem, gapOf, gumbelNoise, type Row, type Sampler } from "@millrace/protocol";
import type { LlamaModel, Token } from "node-llama-cpp";
import { isEndToken } from "./claimedEnding.ts";
import type { GenerationPlan } from "./generate.ts";
import { type GrammarCursor, openGrammar } from "./grammarCursor.ts";
import { byScore, GRAMMAR_CANDIDATES, rememberLegal } from "./legalCandidates.ts";
import { filterRow } from "./rows.ts";

/**
 * The gap of each row at which the model had a choice; `undefined` if the output breaks its grammar.
 *
 * @param rows by position in the output; the one behind the last token is that of a stop
 */
export function gapsOf(
  rows: readonly Row[],
  { seed, epsilon, claimed: { tokenIds } }: ClaimedItem,
  plan: GenerationPlan,
  model: LlamaModel,
): number[] | undefined {
  const grammar = plan.grammar && openGrammar(model, plan.grammar);
  const noise = gumbelNoise(seed);
  const gaps: number[] = [];
  for (const [position, row] of rows.entries()) {
    const tokenId = tokenIds[position] as Token | undefined;
    const claimed = tokenId === undefined ? endTokensOf(row, plan, model) : new Set([tokenId]);
    const sampler: Sampler = { temperature: plan.temperature, noise, position };
    if (!grammar) {
      gaps.push(gapOf(row, claimed, sampler, epsilon));
      continue;
    }
    if (tokenId === undefined ? !mayEnd(grammar, model) : !grammar.isLegal(tokenId)) return undefined;
    const gap = gapUnderGrammar({ row, claimed, sampler, epsilon }, grammar);
    if (gap !== undefined) gaps.push(gap);
    if (tokenId !== undefined) grammar.accept(tokenId);
  }
  return gaps;
}

function endTokensOf({ tokenIds, count }: Row, plan: GenerationPlan, model: LlamaModel): Set<Token> {
  const candidates = Array.from({ length: count }, (_, index) => tokenIds[index] as Token);
  return new Set(candidates.filter((tokenId) => isEndToken(tokenId, plan, model)));
}

function mayEnd(grammar: GrammarCursor, { tokens }: LlamaModel): boolean {
  return [tokens.eos, tokens.eot].some((tokenId) => tokenId !== null && grammar.isLegal(tokenId));
}

/**
 * The gap among the legal ones of a row's first 256; `undefined` if fewer than two are legal. Honest machines do not
 * agree on the last of the 256 either: as {@link gapOf} does at the 64th, a claimed token may lie `epsilon` below it, and
 * others that are close above do not count.
 */
function gapUnderGrammar(
  {
    row,
    claimed,
    sampler,
    epsilon,
  }: { row: Row; claimed: ReadonlySet<number>; sampler: Sampler; epsilon: number },
  grammar: GrammarCursor,
): number | undefined {
  const cut =
    row.count > GRAMMAR_CANDIDATES ? row.logProbs[GRAMMAR_CANDIDATES - 1]! : Number.NEGATIVE_INFINITY;
  const isLegal = rememberLegal(row, grammar);
  const counts = (index: number) =>
    claimed.has(row.tokenIds[index]!)
      ? row.logProbs[index]! >= cut - epsilon && isLegal(index)
      : row.logProbs[index]! > cut + epsilon && isLegal(index);
  const indices = Array.from({ length: row.count }, (_, index) => index);
  // Most rows need no more than to ask who scores higher than the claimed token.
  if (!hasTwo(indices, counts)) return undefined;
  const first = byScore(row, sampler).find(counts);
  if (first !== undefined && first < CANDIDATES && claimed.has(row.tokenIds[first]!)) return 0;
  return gapOf(filterRow(row, counts), claimed, sampler, epsilon);
}

function hasTwo(indices: readonly number[], counts: (index: number) => boolean): boolean {
  let found = 0;
  return indices.some((index) => counts(index) && ++found === 2);
}
