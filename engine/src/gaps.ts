import { gapOf, gumbelNoise, type Row, type Sampler } from "@millrace/protocol";
import type { LlamaModel, Token } from "node-llama-cpp";
import { isEndToken } from "./couldEnd.ts";
import type { ClaimedItem } from "./engine.ts";
import type { GenerationPlan } from "./generate.ts";
import { GRAMMAR_CANDIDATES, type GrammarCursor, openGrammar } from "./grammarCursor.ts";
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
    const isLegal = tokenId === undefined ? mayEnd(grammar, model) : grammar.isLegal(tokenId);
    if (!isLegal) return undefined;
    const candidates = legalRow(row, claimed, grammar, epsilon);
    if (candidates.count > 1) gaps.push(gapOf(candidates, claimed, sampler, epsilon));
    if (tokenId !== undefined) grammar.accept(tokenId);
  }
  return gaps;
}

function endTokensOf(row: Row, plan: GenerationPlan, model: LlamaModel): Set<Token> {
  const tokenIds = Array.from(row.tokenIds).slice(0, row.count) as Token[];
  return new Set(tokenIds.filter((tokenId) => isEndToken(tokenId, plan, model)));
}

function mayEnd(grammar: GrammarCursor, { tokens }: LlamaModel): boolean {
  return [tokens.eos, tokens.eot].some((tokenId) => tokenId !== null && grammar.isLegal(tokenId));
}

/**
 * The legal ones of a row's first 256. Honest machines do not agree on the last of these either: as
 * {@link gapOf} does at the 64th, a claimed token may lie `epsilon` below it, and others close above do not count.
 */
function legalRow(row: Row, claimed: ReadonlySet<number>, grammar: GrammarCursor, epsilon: number): Row {
  const last =
    row.count > GRAMMAR_CANDIDATES ? row.logProbs[GRAMMAR_CANDIDATES - 1]! : Number.NEGATIVE_INFINITY;
  return filterRow(
    row,
    (tokenId, logProb) =>
      (claimed.has(tokenId) ? logProb >= last - epsilon : logProb > last + epsilon) &&
      grammar.isLegal(tokenId),
    row.count,
  );
}
