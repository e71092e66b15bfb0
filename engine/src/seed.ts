import { createHash } from "node:crypto";
import type { Hex } from "./hex.ts";

/** The sampler's 32 bytes for an OpenAI seed (any integer). */
export function samplerSeed(seed: number): Hex {
  return sha256(`seed:${seed}`);
}

/**
 * The seed of a request that names none: a function of the request alone, so that a replay on any machine samples
 * the same tokens, and different prompts do not share their luck.
 */
export function seedFromPrompt(promptTokenIds: readonly number[]): Hex {
  return sha256(`prompt:${promptTokenIds.join(",")}`);
}

function sha256(preimage: string): Hex {
  return `0x${createHash("sha256").update(preimage).digest("hex")}`;
}
