import { createHash } from "node:crypto";

/** llama.cpp reads this one value as "take a random seed" (`LLAMA_DEFAULT_SEED`), so it must never reach it. */
const randomSeedMarker = 0xffff_ffff;

/** Maps an OpenAI seed (any integer) to the 32 bits of llama.cpp's sampler: small ones as they are, others by hash. */
export function samplerSeed(seed: number): number {
  if (seed >= 0 && seed < randomSeedMarker) return seed;
  return hashToSeed(`seed:${seed}`);
}

/**
 * The seed of a request that names none: a function of the request alone, so that a replay on any machine samples
 * the same tokens, and different prompts do not share their luck.
 */
export function seedFromPrompt(promptTokenIds: readonly number[]): number {
  return hashToSeed(`prompt:${promptTokenIds.join(",")}`);
}

function hashToSeed(preimage: string): number {
  return createHash("sha256").update(preimage).digest().readUInt32LE() % randomSeedMarker;
}
