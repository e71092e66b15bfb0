import { type LlamaGrammar, LlamaGrammarEvaluationState, type LlamaModel, type Token } from "node-llama-cpp";

/** How far an output has come in its grammar. */
export interface GrammarCursor {
  isLegal(tokenId: Token): boolean;
  /** Moves past a token that is legal here. */
  accept(tokenId: Token): void;
  /** This place, for llama.cpp's own sampling to go on from. */
  toState(): LlamaGrammarEvaluationState;
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
  const state = new LlamaGrammarEvaluationState({ model, grammar });
  // The casts reach what is there and not declared; node-llama-cpp is pinned to one release.
  const { _bindings } = model.llama as unknown as { _bindings: { AddonSampler: GrammarBindings } };
  const { _state } = state as unknown as { _state: unknown };
  const { AddonSampler } = _bindings;
  return {
    isLegal: (tokenId) => AddonSampler.canBeNextTokenForGrammarEvaluationState(_state, tokenId),
    accept: (tokenId) => AddonSampler.acceptGrammarEvaluationStateToken(_state, tokenId),
    toState: () => state.clone(),
  };
}
