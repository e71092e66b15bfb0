import { createHash } from "node:crypto";
import type { ChatRequest } from "../chatRequest.ts";
import type { Hex } from "../hex.ts";

/** What kinds of requests a calibration asks for: each strains another part of what is judged. */
export const promptKinds = ["story", "short", "long", "flat", "json"] as const;
export type PromptKind = (typeof promptKinds)[number];

/** All that `gumbel-v1` allows, from none to the most. */
export const calibrationTemperatures = [0, 0.7, 1, 0.2, 1.5] as const;

/** A request with its sampler's seed, made from its number alone. */
export interface CalibrationItem {
  id: number;
  kind: PromptKind;
  request: Omit<ChatRequest, "messages"> & {
    messages: { role: "system" | "user"; content: string }[];
    temperature: number;
    max_tokens: number;
  };
  seed: Hex;
}

/**
 * Requests that any chat model can answer; the same numbers give the same ones. Every kind meets every temperature within
 * 25 numbers.
 *
 * @param contextTokens of the engine: long prompts fill a third to half of it, at most 1,000 tokens; outputs a third at most
 * @param temperature instead of one by number
 * @param kinds default: all
 */
export function calibrationItems({
  first = 0,
  count,
  contextTokens,
  kinds = promptKinds,
  temperature,
}: {
  first?: number;
  count: number;
  contextTokens: number;
  kinds?: readonly PromptKind[];
  temperature?: number;
}): CalibrationItem[] {
  return Array.from({ length: count }, (_, index) => {
    const id = first + index;
    const kind = kinds[id % kinds.length]!;
    const turn = Math.floor(id / kinds.length);
    const words = wordSource(id);
    return {
      id,
      kind,
      request: {
        messages: [
          ...(turn % 3 === 0 ? [{ role: "system" as const, content: words.pick(systemPrompts) }] : []),
          { role: "user" as const, content: contentOf(kind, words, contextTokens) },
        ],
        temperature: temperature ?? calibrationTemperatures[turn % calibrationTemperatures.length]!,
        max_tokens:
          kind === "short"
            ? shortLengths[turn % shortLengths.length]!
            : Math.min(longestOutput, Math.floor(contextTokens / 3)),
        ...(kind === "json" && { response_format: jsonFormat }),
      },
      seed: hashOf(`calibration seed ${id}`),
    };
  });
}

/** Outputs of the other kinds may be so long; 128 tokens are enough to be judged alone. */
const longestOutput = 160;
const shortLengths = [1, 2, 4, 8, 16, 32];

const systemPrompts = [
  "You are a helpful assistant.",
  "Answer in simple words.",
  "You tell stories to children.",
];
const names = ["Tim", "Lily", "Ben", "Sara", "Tom", "Anna", "Max", "Mia", "Sam", "Lucy", "Jack", "Amy"];
const nouns = [
  "dog",
  "cake",
  "frog",
  "ball",
  "boat",
  "bird",
  "garden",
  "car",
  "tree",
  "fish",
  "box",
  "bear",
  "shop",
  "kite",
];
const feelings = ["happy", "sad", "tired", "brave", "angry", "kind"];
const places = ["in the park", "at school", "by the sea", "at home", "in the forest", "on a hill"];

const jsonFormat = {
  type: "json_schema",
  json_schema: {
    name: "story",
    schema: {
      type: "object",
      properties: {
        title: { type: "string" },
        hero: { type: "string" },
        happy: { type: "boolean" },
        animals: { type: "array", items: { type: "string" }, maxItems: 3 },
      },
      required: ["title", "hero", "happy", "animals"],
      additionalProperties: false,
    },
  },
} as const;

function contentOf(kind: PromptKind, words: WordSource, contextTokens: number): string {
  const { pick } = words;
  switch (kind) {
    case "story":
      return `Tell me a story about ${pick(names)} and a ${pick(feelings)} ${pick(nouns)} ${pick(places)}.`;
    case "short":
      return pick([
        `Is this review positive or negative? I ${pick(["love", "hate", "like", "dislike"])} this ${pick(nouns)}.`,
        `What is a ${pick(nouns)}?`,
        `Name something that ${pick(names)} could find ${pick(places)}.`,
      ]);
    case "long":
      return `Continue this story: ${storyOf(words, Math.min(1_000, contextTokens >> 1))}`;
    case "flat":
      return nonsenseOf(words, 20);
    case "json":
      return `Describe a story about ${pick(names)} and a ${pick(nouns)} as JSON.`;
  }
}

/** A word of it is somewhat more than a token for most tokenizers, and two at most. */
function storyOf({ pick }: WordSource, tokens: number): string {
  const sentences: string[] = [];
  for (let words = 0; words < tokens / 2; words += 8) {
    sentences.push(`${pick(names)} was ${pick(feelings)} and saw a ${pick(nouns)} ${pick(places)}.`);
  }
  return sentences.join(" ");
}

/** Nothing that a model was trained on: after it, many tokens are about as likely. */
function nonsenseOf({ pick }: WordSource, count: number): string {
  const letters = "abcdefghijklmnopqrstuvwxyz0123456789";
  const word = () => Array.from({ length: 2 + pick([0, 1, 2, 3]) }, () => pick([...letters])).join("");
  return Array.from({ length: count }, word).join(" ");
}

interface WordSource {
  pick<T>(choices: readonly T[]): T;
}

/** Draws words by the item's number, so that neighbours do not resemble each other. */
function wordSource(id: number): WordSource {
  let drawn = 0;
  return {
    pick(choices) {
      const word = Number.parseInt(hashOf(`calibration word ${id} ${drawn++}`).slice(2, 14), 16);
      return choices[word % choices.length]!;
    },
  };
}

function hashOf(text: string): Hex {
  return `0x${createHash("sha256").update(text).digest("hex")}`;
}
