/** Marsaglia's 32-bit xorshift: weights need only be neither equal nor zero. Words are signed. */
export function xorshift32(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state;
  };
}

/** Standard normal numbers (Box and Muller). */
export function gaussian(seed: number): () => number {
  const word = xorshift32(seed);
  const uniform = () => ((word() >>> 0) + 0.5) / 2 ** 32;
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}
