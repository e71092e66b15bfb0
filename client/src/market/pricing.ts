import { costUp, type JobRequest, type MarketParameters } from "@millrace/protocol";

// The Market's arithmetic (contracts/Market.sol, contracts/libraries/Pricing.sol), for quotes and splits.

const BPS = 10_000n;

/** Prices in base units of the asset per 10⁶ tokens. */
export interface Prices {
  promptPricePerMillion: bigint;
  outputPricePerMillion: bigint;
}

/** Per-item caps of a job. */
export interface JobCaps {
  promptTokensCap: number;
  outputTokensCap: number;
}

const divUp = (amount: bigint, by: bigint) => (amount + by - 1n) / by;
const shareUp = (amount: bigint, bps: number) => divUp(amount * BigInt(bps), BPS);

/** Math takes no bigints. */
export const max = (a: bigint, b: bigint) => (a < b ? b : a);
export const min = (a: bigint, b: bigint) => (b < a ? b : a);

/** What `items` items at their caps cost at these prices. */
export function valueUp(items: number, caps: JobCaps, prices: Prices): bigint {
  const count = BigInt(items);
  return costUp(count * BigInt(caps.promptTokensCap), count * BigInt(caps.outputTokensCap), prices);
}

/** The escrow of a job: its items at the limit, each rounded up by itself. */
export function escrowOf(items: number, caps: JobCaps, limits: Prices): bigint {
  return BigInt(items) * valueUp(1, caps, limits);
}

/** The most that a job's tokens may cost. */
export const limitsOf = ({ promptLimitPerMillion, outputLimitPerMillion }: JobRequest): Prices => ({
  promptPricePerMillion: promptLimitPerMillion,
  outputPricePerMillion: outputLimitPerMillion,
});

/** What opening a job locks. */
export const reserveOf = (request: JobRequest): bigint =>
  escrowOf(request.itemCount, request, limitsOf(request));

/** The collateral that a provider locks for a lot. */
export function collateralOf(
  items: number,
  caps: JobCaps,
  { prices, limits, parameters }: { prices: Prices; limits: Prices; parameters: MarketParameters },
): bigint {
  const value = valueUp(items, caps, prices);
  // What the bounty leaves of it covers the way up to the limit.
  const rerun = divUp((escrowOf(items, caps, limits) - value) * BPS, BPS - BigInt(parameters.bountyBps));
  const penalty = max(shareUp(value, parameters.penaltyBps), rerun);
  return max(max(shareUp(value, parameters.collateralBps), parameters.minLotCollateral), penalty);
}
