import type { Hex } from "viem";
import { MillraceError } from "../errors.ts";
import { hashText } from "../words.ts";

/** How far honest machines differ, as measured by a calibration. All in logits but the last, which is in nats. */
export interface Tolerance {
  /** τ_mean: mean gap over at least 128 tokens. */
  meanGap: number;
  /** τ_max of `n` counted tokens: base + perDoubling × log₂ n. */
  maxGap: { base: number; perDoubling: number };
  /** How far from the last candidate one still counts, or does not; see `gapOf`. */
  epsilon: number;
  /** τ_fp: mean distance of fingerprints. */
  fingerprint: number;
}

/**
 * What an output depends on beside the weights, and how an output is judged. The hash of its text stands in the model's
 * spec, so it cannot change without making another model of the same file. Backend, threads, batching and flash attention
 * are not part of it: the tolerance covers what they change.
 */
export interface ModelClass {
  version: 1;
  /** Engine and release, which also fix tokenisation and rendering of chats. */
  engine: string;
  renderer: string;
  /** With temperature 0 it is `greedy-v1`. */
  sampler: "gumbel-v1";
  grammar: string;
  contextShift: "forbidden";
  /** Without, outputs cannot be judged: objective faults only. */
  tolerance?: Tolerance;
}

/** Nobody honest needs more; a spec that asks for it would let cheats pass. */
const MOST: Record<keyof Omit<Tolerance, "maxGap"> | "base" | "perDoubling", number> = {
  meanGap: 1,
  base: 10,
  perDoubling: 2,
  epsilon: 4,
  fingerprint: 2,
};

/** The class of an engine's outputs, with the tolerance of a model if it was calibrated. */
export function modelClassOf(engine: string, tolerance?: Tolerance): ModelClass {
  return {
    version: 1,
    engine,
    renderer: "node-llama-cpp chat wrapper resolved for the file; special tokens in content as text",
    sampler: "gumbel-v1",
    grammar: "JSON schema through GBNF; candidates are the legal ones of the top 256",
    contextShift: "forbidden",
    ...(tolerance && { tolerance }),
  };
}

/** The text that is hashed: JSON without spaces, in this order of keys, and a line end. */
export function encodeModelClass(modelClass: ModelClass): string {
  const { version, engine, renderer, sampler, grammar, contextShift, tolerance } = modelClass;
  const { meanGap, maxGap, epsilon, fingerprint } = tolerance ?? {};
  return `${JSON.stringify({
    version,
    engine,
    renderer,
    sampler,
    grammar,
    contextShift,
    ...(tolerance && {
      tolerance: {
        meanGap,
        maxGap: { base: maxGap?.base, perDoubling: maxGap?.perDoubling },
        epsilon,
        fingerprint,
      },
    }),
  })}\n`;
}

/**
 * Reads what {@link encodeModelClass} wrote.
 *
 * @throws MillraceError `invalid-class` if it is anything else, or its tolerance is beyond reason
 */
export function decodeModelClass(text: string): ModelClass {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw invalid("It is not JSON.", cause);
  }
  if (typeof parsed !== "object" || parsed === null) throw invalid("It is not an object.");
  const modelClass = parsed as ModelClass;
  const { version, engine, renderer, sampler, grammar, contextShift, tolerance } = modelClass;
  if (version !== 1) throw invalid(`Unknown version ${JSON.stringify(version)}.`);
  if (sampler !== "gumbel-v1") throw invalid(`Unknown sampler ${JSON.stringify(sampler)}.`);
  if (contextShift !== "forbidden") throw invalid("Contexts that shift cannot be verified.");
  for (const [name, value] of Object.entries({ engine, renderer, grammar })) {
    if (typeof value !== "string") throw invalid(`${name} is no text.`);
  }
  if (tolerance !== undefined) checkTolerance(tolerance);
  if (encodeModelClass(modelClass) !== text)
    throw invalid("It is not written in the one way that is hashed.");
  return modelClass;
}

/** The class hash, as specs and receipts carry it. */
export function classHashOf(modelClass: ModelClass): Hex {
  return hashText(encodeModelClass(modelClass));
}

function checkTolerance(tolerance: Tolerance): void {
  const { maxGap, ...others } = tolerance ?? {};
  const isPositive = (name: keyof typeof MOST, value: unknown) => {
    if (typeof value !== "number" || !(value > 0 && value <= MOST[name])) {
      throw invalid(`tolerance.${name} is ${JSON.stringify(value)}, not above 0 and at most ${MOST[name]}.`);
    }
  };
  isPositive("meanGap", others.meanGap);
  isPositive("epsilon", others.epsilon);
  isPositive("fingerprint", others.fingerprint);
  isPositive("base", maxGap?.base);
  // What does not grow with length is 0.
  if (maxGap.perDoubling !== 0) isPositive("perDoubling", maxGap.perDoubling);
}

function invalid(details: string, cause?: unknown): MillraceError {
  return new MillraceError("The model's class cannot be used.", { code: "invalid-class", details, cause });
}
