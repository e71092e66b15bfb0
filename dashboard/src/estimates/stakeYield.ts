import type { StakeSummary } from "@millrace/protocol";

const WINDOW_SECONDS = 30 * 86_400;

/** What staking brought lately, in base units of the asset. */
export interface StakeYield {
  /** Fees to one whole MILL that was staked all that time. */
  perMill: number;
  /** So long, in seconds: thirty days, or less where fees are younger. */
  seconds: number;
}

/**
 * What each staked MILL was given in the last thirty days: every fee shared among what was staked then. There is no
 * price of MILL here, so no yearly per cent either.
 *
 * @param now Unix seconds
 * @returns undefined while no fee has come in
 */
export function stakeYield({ fees }: Pick<StakeSummary, "fees">, now: number): StakeYield | undefined {
  const recent = fees.filter(({ at }) => at.time > now - WINDOW_SECONDS);
  const first = recent[0];
  if (!first) return undefined;
  const perMill = recent.reduce((sum, { amount, staked }) => {
    const mill = Number(staked) / 1e18;
    return mill === 0 ? sum : sum + Number(amount) / mill;
  }, 0);
  // With an older fee before these, the window is whole.
  const isWhole = fees.length > recent.length;
  return { perMill, seconds: isWhole ? WINDOW_SECONDS : Math.max(1, now - first.at.time) };
}
