import { type Hex, zeroHash } from "viem";
import { hashItem } from "./hashes.ts";
import type { Item } from "./types.ts";
import { hashText, hashWords } from "./words.ts";

const SAMPLER_TYPE = hashText("Sampler(uint32 temperatureMicros,bytes32 stopHash,bytes32 grammarHash)");

/** One item as its lot's input carries it: what the leaf binds, with the request itself instead of its hash. */
export interface ItemInput {
  /** The exact JSON text of the request's body. */
  request: string;
  promptTokensCap: number;
  outputTokensCap: number;
  samplerHash: Hex;
  requesterSeed: Hex;
  salt: Hex;
}

/** The sampling settings of an OpenAI-style request body. */
export interface SamplerSettings {
  /** Default: 1, as OpenAI's. */
  temperature?: number | null | undefined;
  seed?: number | null | undefined;
  stop?: unknown;
  response_format?: unknown;
}

/** Hashes what of a request steers the sampler, so that a dispute about it needs no parsing of JSON. */
export function samplerHashOf({ temperature, stop, response_format }: SamplerSettings): Hex {
  const textHash = (value: unknown) =>
    value === undefined || value === null ? zeroHash : hashText(JSON.stringify(value));
  return hashWords([
    SAMPLER_TYPE,
    Math.round((temperature ?? 1) * 1e6),
    textHash(stop),
    textHash(response_format),
  ]);
}

/** The requester's seed as a word: the request's `seed` (as a uint64), or zero. */
export function requesterSeedOf({ seed }: SamplerSettings): Hex {
  return `0x${BigInt.asUintN(64, BigInt(seed ?? 0))
    .toString(16)
    .padStart(64, "0")}`;
}

/** The leaf's preimage for the item at `index` of a job. */
export function itemOf(index: number, input: ItemInput): Item {
  const { request, ...rest } = input;
  return { index, requestHash: hashText(request), ...rest };
}

/** The item's leaf in its job's input tree. */
export function itemLeaf(index: number, input: ItemInput): Hex {
  return hashItem(itemOf(index, input));
}
