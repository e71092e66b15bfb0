/** That at least `least` of `count` independent draws hit what is a `share` of all. */
export function chanceOf(least: number, count: number, share: number): number {
  let chance = 0;
  for (let hits = least; hits <= count; hits++) {
    chance += binomial(count, hits) * share ** hits * (1 - share) ** (count - hits);
  }
  return chance;
}

/**
 * That a jury of so many has a majority from a share of the seats. Juries are drawn without replacement, which makes it
 * rarer where the share is below a half.
 */
export const majorityOf = (size: number, share: number): number =>
  chanceOf(Math.floor(size / 2) + 1, size, share);

/** That one of so many independent tries succeeds: 1 − (1 − p)^g ≤ g p, without loss where p is next to nothing. */
export const inTries = (chance: number, tries: number): number => -Math.expm1(tries * Math.log1p(-chance));

/** Exact up to 2⁵³, which is far above 23 over 12. */
function binomial(n: number, k: number): number {
  let ways = 1;
  for (let i = 1; i <= k; i++) ways = (ways * (n - k + i)) / i;
  return ways;
}
