import {
  type LlamaContextSequence,
  type LlamaGrammar,
  LlamaGrammarEvaluationState,
  type LlamaModel,
  type Token,
} from "node-llama-cpp";
import { watchForStops } from "./stopStrings.ts";

/** One request, checked and rendered: all that generating depends on. */
export interface GenerationPlan {
  promptTokenIds: Token[];
  maxTokens: number;
  temperature: number;
  seed: number;
  stopStrings: readonly string[];
  endTokenIds: ReadonlySet<Token>;
  endTexts: readonly string[];
  grammar: LlamaGrammar | undefined;
}

export interface Generation {
  text: string;
  tokenIds: Token[];
  finishReason: "stop" | "length";
  stopString?: string;
}

/** A request being generated on a sequence, token by token. */
export interface GenerationRun {
  /** Computes the next token; the whole output if that was the last. Never call it again before it has resolved. */
  step(): Promise<Generation | undefined>;
  /** Frees what the run holds; the sequence keeps its state, for the next request may begin alike. */
  end(): Promise<void>;
}

/** The candidates sampling draws from. Neither topP nor minP: they make verification of the output ambiguous. */
const sampling = { topK: 64, topP: 1, minP: 0 } as const;

/**
 * Prepares a sequence for a request, reusing whatever prefix of the prompt its state already holds.
 * The caller guarantees that prompt and output fit the context, so that it is never shifted.
 */
export async function startGeneration(
  model: LlamaModel,
  sequence: LlamaContextSequence,
  plan: GenerationPlan,
): Promise<GenerationRun> {
  // At least the last token is evaluated anew, for its logits. No shifting: moved cells would not have the values
  // that a fresh evaluation gives.
  await sequence.adaptStateToTokens(plan.promptTokenIds.slice(0, -1), false);
  const tokens = sequence.evaluate(plan.promptTokenIds.slice(sequence.nextTokenIndex), {
    ...sampling,
    temperature: plan.temperature,
    seed: plan.seed,
    ...(plan.grammar && {
      grammarEvaluationState: new LlamaGrammarEvaluationState({ model, grammar: plan.grammar }),
    }),
  });
  const accept = collectOutput(model, plan);
  return {
    async step() {
      const { value, done } = await tokens.next();
      return accept(done ? undefined : value);
    },
    async end() {
      await tokens.return();
    },
  };
}

/** Gathers tokens (`undefined`: the model ended its turn) until the output is whole, and then returns it. */
function collectOutput(
  model: LlamaModel,
  plan: GenerationPlan,
): (tokenId: Token | undefined) => Generation | undefined {
  const detokenize = (tokenIds: readonly Token[]) => model.detokenize(tokenIds);
  const stops = watchForStops([...plan.stopStrings, ...plan.endTexts], detokenize);
  const tokenIds: Token[] = [];
  return (tokenId) => {
    if (tokenId === undefined || plan.endTokenIds.has(tokenId)) {
      return { text: detokenize(tokenIds), tokenIds, finishReason: "stop" };
    }
    tokenIds.push(tokenId);
    const match = stops.completedBy(tokenIds);
    if (match) {
      const { text, stopString } = match;
      return {
        text,
        tokenIds,
        finishReason: "stop",
        ...(plan.stopStrings.includes(stopString) && { stopString }),
      };
    }
    if (tokenIds.length < plan.maxTokens) return undefined;
    return { text: dropHalfCharacter(detokenize(tokenIds)), tokenIds, finishReason: "length" };
  };
}

/** A cap may fall between the bytes of a character; of the up to three that are there the detokeniser makes U+FFFD. */
function dropHalfCharacter(text: string): string {
  return text.replace(/\uFFFD{1,3}$/, "");
}
