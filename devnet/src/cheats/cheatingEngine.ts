import {
  type ChatRequest,
  type ChatResult,
  createLlamaEngine,
  type Engine,
  type InferOptions,
  stopReasonOf,
} from "@millrace/engine";
import {
  type CalibrationItem,
  type Claim,
  cheatClaim,
  cheatRequest,
  cheatKinds as measuredKinds,
  otherWeights,
} from "@millrace/engine/calibration";
import { hashText, hashTokenIds } from "@millrace/protocol";
import type { Hex } from "viem";
import type { BookkeepingKind } from "./deceit.ts";
import type { CheatKind } from "./kinds.ts";

/** Cheats whose lie is in the computation. */
export type ComputingKind = Exclude<CheatKind, BookkeepingKind>;

/** Of each request of an item, which has a seed. */
type Answer = (request: ChatRequest, options: InferOptions & { seed: Hex }) => Promise<ChatResult>;

/**
 * An engine that says it is `engine` and cheats with the items of jobs. An agent that runs on it does everything else as it
 * should, and its own checks find nothing.
 *
 * @param engine the honest one, with the model of which it cheats; stays the caller's
 * @param modelPath its file, of which other weights are made
 * @returns with `cheats` still off: until it is turned on it answers as it should, since agents try their engine at the
 * start
 */
export async function createCheatingEngine(
  kind: ComputingKind,
  { engine, modelPath }: { engine: Engine; modelPath: string },
): Promise<Engine & { cheats: boolean }> {
  const stack = new AsyncDisposableStack();
  try {
    const weights = stack.use(await otherWeights(weightsOf(kind), modelPath));
    const { threads, sequences, contextTokens } = engine;
    const other =
      weights &&
      stack.use(
        await createLlamaEngine({ modelPath: weights.path, threads, sequences, contextTokens, gpu: false }),
      );
    const answer = answererOf(kind, { engine, other: other ?? engine });
    const owned = stack.move();
    const cheat: Engine & { cheats: boolean } = {
      ...engine,
      cheats: false,
      infer: (request, options = {}) =>
        cheat.cheats && options.seed
          ? answer(request, { ...options, seed: options.seed })
          : engine.infer(request, options),
      close: () => owned.disposeAsync(),
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
    return cheat;
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

type MeasuredKind = (typeof measuredKinds)[number];

function weightsOf(kind: ComputingKind): MeasuredKind {
  if (kind === "cheap-model-true-fingerprints") return "cheap-model";
  // The true weights, as for all kinds that are not about weights.
  return isMeasured(kind) ? kind : "other-seed";
}

/** Whether calibrations measure this kind too: then the engine does what is measured there. */
function isMeasured(kind: ComputingKind): kind is MeasuredKind & ComputingKind {
  return (measuredKinds as readonly string[]).includes(kind);
}

/** @param other with the weights that the cheat runs */
function answererOf(kind: ComputingKind, { engine, other }: { engine: Engine; other: Engine }): Answer {
  let cached: Promise<ChatResult> | undefined;
  switch (kind) {
    case "copied-answers":
      // Another provider's job had other seeds.
      return (request, options) =>
        engine.infer(request, { ...options, seed: hashText(JSON.stringify(request)) });
    case "cached-answers":
      return async (request, options) => {
        cached ??= engine.infer(request, options);
        const { promptTokenIds } = await promptOf(engine, request, options);
        return withOutput(await cached, { promptTokenIds });
      };
    case "cheap-model-true-fingerprints":
      return async (request, options) => {
        const result = await other.infer(request, options);
        const {
          seed,
          promptTokensCap = engine.contextTokens,
          outputTokensCap = engine.contextTokens,
        } = options;
        const { claimed } = claimOf(itemOf(request, seed), result);
        const item = { request, seed, promptTokensCap, outputTokensCap, claimed, epsilon: 0 };
        return { ...result, fingerprint: await engine.fingerprint(item) };
      };
    default:
      return (request, options) => answerAsMeasured(kind, { engine, other, request, options });
  }
}

async function answerAsMeasured(
  kind: MeasuredKind,
  {
    engine,
    other,
    request,
    options,
  }: { engine: Engine; other: Engine; request: ChatRequest; options: Parameters<Answer>[1] },
): Promise<ChatResult> {
  const item = itemOf(request, options.seed);
  const asked = cheatRequest(kind, item);
  const generated = await other.infer(asked.request, { ...options, seed: asked.seed });
  // Whoever has the model can render the true prompt.
  const { promptTokenIds } = await promptOf(engine, request, options);
  const honest = withOutput(generated, { promptTokenIds });
  const claim = cheatClaim(kind, { generated: claimOf(item, generated), honest: claimOf(item, honest) });
  if (!claim) return honest;
  const { tokenIds, stopReason, fingerprint } = claim.claimed;
  const text = engine.detokenize(request, { tokenIds, stopReason });
  const { stopString, finishReason, ...rest } = withOutput(generated, { promptTokenIds, tokenIds });
  if (stopReason === "length") return { ...rest, text, fingerprint, finishReason: "length" };
  return {
    ...rest,
    text,
    fingerprint,
    finishReason: "stop",
    ...(stopReason === "stop-string" && stopString !== undefined && { stopString }),
  };
}

/** A request as calibrations have it; they look at no more of it than what every request of a job has. */
function itemOf(request: ChatRequest, seed: Hex): CalibrationItem {
  return {
    id: 0,
    kind: "story",
    request: { temperature: 1, ...request } as CalibrationItem["request"],
    seed,
  };
}

function claimOf(item: CalibrationItem, result: ChatResult): Claim {
  const { promptTokenIds, tokenIds, fingerprint } = result;
  return {
    item,
    claimed: {
      stopReason: stopReasonOf(result),
      promptTokens: promptTokenIds.length,
      promptTokensHash: hashTokenIds(promptTokenIds),
      tokenIds,
      fingerprint,
    },
  };
}

/** What the true prompt is, at the cost of one token. */
function promptOf(engine: Engine, request: ChatRequest, options: InferOptions): Promise<ChatResult> {
  return engine.infer(request, { ...options, outputTokensCap: 1 });
}

function withOutput(
  result: ChatResult,
  changes: { promptTokenIds: number[]; tokenIds?: readonly number[] },
): ChatResult {
  const { promptTokenIds, tokenIds = result.tokenIds } = changes;
  const usage = { promptTokens: promptTokenIds.length, completionTokens: tokenIds.length };
  return { ...result, promptTokenIds, tokenIds: [...tokenIds], usage };
}
