import { CANDIDATES, gumbelNoise, pickCandidate, type Row, type Sampler } from "@millrace/protocol";
import type { LlamaContextSequence, LlamaGrammar, LlamaModel, Token } from "node-llama-cpp";
import { isEndToken } from "./claimedEnding.ts";
import { createFingerprintRecorder } from "./fingerprintRecorder.ts";
import { openGrammar } from "./grammarCursor.ts";
import type { Hex } from "./hex.ts";
import { GRAMMAR_CANDIDATES, pickLegal } from "./legalCandidates.ts";
import { collectOutput, type Output, stopReasonOf } from "./output.ts";
import { readRows } from "./rowReader.ts";

/** One request, checked and rendered: all that generating depends on. */
export interface GenerationPlan {
  promptTokenIds: Token[];
  maxTokens: number;
  temperature: number;
  /** 32 bytes: all the chance there is. */
  seed: Hex;
  stopStrings: readonly string[];
  endTokenIds: ReadonlySet<Token>;
  endTexts: readonly string[];
  grammar: LlamaGrammar | undefined;
}

export interface Generation extends Output {
  /** As `encodeFingerprint` gives it. */
  fingerprint: Hex;
}

/** A request being generated on a sequence, token by token. */
export interface GenerationRun {
  /** Computes the next token; the whole output if that was the last. Never call it again before it has resolved. */
  step(): Promise<Generation | undefined>;
  /** Frees what the run holds; the sequence keeps its state, for the next request may begin alike. */
  end(): Promise<void>;
}

/**
 * Prepares a sequence for a request, reusing whatever prefix of the prompt its state already holds. Its tokens are
 * chosen by `gumbel-v1` (`greedy-v1` at temperature 0) from what llama.cpp says of each position; llama.cpp itself
 * draws nothing.
 *
 * The caller guarantees that prompt and output fit the context, so that it is never shifted.
 */
export async function startGeneration(
  model: LlamaModel,
  sequence: LlamaContextSequence,
  plan: GenerationPlan,
): Promise<GenerationRun> {
  // Of the last two tokens rows are needed, so they are evaluated anew. No shifting: moved cells would not have the
  // values that a fresh evaluation gives.
  await sequence.adaptStateToTokens(plan.promptTokenIds.slice(0, -2), false);
  const rows = readRows(sequence, plan.promptTokenIds, plan.grammar ? GRAMMAR_CANDIDATES : CANDIDATES);
  const grammar = plan.grammar && openGrammar(model, plan.grammar);
  const noise = gumbelNoise(plan.seed);
  const fingerprints = createFingerprintRecorder();
  const accept = collectOutput(plan, (tokenIds) => model.detokenize(tokenIds));
  let position = 0;

  async function choose(row: Row): Promise<Token> {
    const sampler: Sampler = { temperature: plan.temperature, noise, position };
    if (!grammar) return row.tokenIds[pickCandidate(row, sampler)] as Token;
    return pickLegal(row, sampler, grammar) ?? (await rows.mostProbableLegal(grammar.toState()));
  }

  async function finish(output: Output): Promise<Generation> {
    const stopReason = stopReasonOf(output);
    const promptTokens = plan.promptTokenIds.length;
    return { ...output, fingerprint: fingerprints.encode({ promptTokens, ...output, stopReason }) };
  }

  return {
    async step() {
      const row = await rows.next();
      if (rows.ofPrompt) fingerprints.record(-1, rows.ofPrompt);
      fingerprints.record(position, row);
      const tokenId = await choose(row);
      if (isEndToken(tokenId, plan, model)) return finish(accept(undefined)!);
      grammar?.accept(tokenId);
      rows.push(tokenId);
      position++;
      const output = accept(tokenId);
      if (!output) return undefined;
      // An end marker of several tokens: a stop all the same, whose row the fingerprint may hold.
      if (stopReasonOf(output) === "stop") fingerprints.record(position, await rows.next());
      return finish(output);
    },
    end: () => rows.end(),
  };
}
