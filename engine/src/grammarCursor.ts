import { CANDIDATES, type Row } from "@millrace/protocol";
import { type LlamaGrammar, LlamaGrammarEvaluationState, type LlamaModel, type Token } from "node-llama-cpp";
import { filterRow } from "./rows.ts";

/** Under a grammar, the candidates are the first 64 legal ones of so many. */
export const GRAMMAR_CANDIDATES = 256;

/** How far an output has come in its grammar. */
export interface GrammarCursor {
  isLegal(tokenId: Token): boolean;
  /** Moves past a token that is legal here. */
  accept(tokenId: Token): void;
}

/**
 * The two functions of node-llama-cpp's native part that its own speculative decoding uses. Its public interface
 * offers a grammar only together with its own sampler, which would move the grammar by a token of its own choice.
 */
interface GrammarBindings {
  canBeNextTokenForGrammarEvaluationState(state: unknown, tokenId: Token): boolean;
  acceptGrammarEvaluationStateToken(state: unknown, tokenId: Token): void;
}

/** The beginning of an output under this grammar. */
export function openGrammar(model: LlamaModel, grammar: LlamaGrammar): GrammarCursor {
  // The casts reach what is there and not declared; node-llama-cpp is pinned to one release.
  const { _bindings } = model.llama as unknown as { _bindings: { AddonSampler: GrammarBindings } };
  const { _state } = new LlamaGrammarEvaluationState({ model, grammar }) as unknown as { _state: unknown };
  const { AddonSampler } = _bindings;
  return {
    isLegal: (tokenId) => AddonSampler.canBeNextTokenForGrammarEvaluationState(_state, tokenId),
    accept: (tokenId) => AddonSampler.acceptGrammarEvaluationStateToken(_state, tokenId),
  };
}

/** Those of a row's first {@link GRAMMAR_CANDIDATES} that are legal here, up to as many as are sampled from. */
export function legalCandidates(row: Row, grammar: GrammarCursor): Row {
  const first = { ...row, count: Math.min(row.count, GRAMMAR_CANDIDATES) };
  return filterRow(first, (tokenId) => grammar.isLegal(tokenId), CANDIDATES);
}

/** The most probable token of a row that is legal here: what to take where none of the candidates is. */
export function firstLegal(row: Row, grammar: GrammarCursor): Token {
  const [tokenId] = Array.from(filterRow(row, (tokenId) => grammar.isLegal(tokenId), 1).tokenIds);
  if (tokenId === undefined) throw new Error("The grammar allows no token of the vocabulary here.");
  return tokenId as Token;
}
