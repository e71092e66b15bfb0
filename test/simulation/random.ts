/** Pseudo-random numbers that are the same on every machine for the same seed. */
export interface Random {
  /** In [0, 1). */
  uniform(): number;
  /** A whole number in [0, n). */
  below(n: number): number;
  /** Of the standard normal distribution. */
  normal(): number;
  /** Whether an event of that probability happens. */
  happens(probability: number): boolean;
}

/** sfc32 (C. Doty-Humphrey, PractRand): 128 bits of state, passes BigCrush. Node's own generators take no seed. */
export function createRandom(seed: number): Random {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = seed | 0;
  let counter = 1;

  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  // The first outputs of near seeds are alike.
  for (let i = 0; i < 15; i++) next();

  return {
    uniform: next,
    below: (n) => Math.floor(next() * n),
    // Box–Muller; 1 − u is never 0.
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    happens: (probability) => next() < probability,
  };
}
