import { type CourtParameters, type MarketParameters, MillraceError } from "@millrace/protocol";
import { parameterWords, wordParameter } from "./parameterWords.ts";
import type { GovernedNumbers } from "./readGoverned.ts";

/** A number's least and greatest value. */
export interface Bounds {
  min: bigint;
  max: bigint;
}

export type ParameterBounds = Record<keyof MarketParameters | keyof CourtParameters, Bounds>;

const DAY = 86_400n;
const LOT_COLLATERAL_RANGE = 100n;
const JUROR_FEE_RANGE = 100n;

/**
 * Within what each governed number has to lie, as the contract checks it: some bounds hang on other numbers of the same
 * version, some on the first version's amounts.
 *
 * Source: contracts/Parameters.sol, which has the reasons.
 *
 * @param next the version that is thought of
 */
export function parameterBounds(
  { market, court }: GovernedNumbers,
  { first, minPhaseSeconds }: { first: GovernedNumbers; minPhaseSeconds: number },
): ParameterBounds {
  const phase = BigInt(minPhaseSeconds);
  const firstCollateral = first.market.minLotCollateral;
  const firstFee = first.court.jurorFee;
  const between = (min: bigint, max: bigint): Bounds => ({ min, max });
  return {
    feeBps: between(0n, 1_000n),
    collateralBps: between(5_000n, 100_000n),
    penaltyBps: between(1_000n, least(2_000n, BigInt(market.collateralBps) / 4n)),
    releaseBps: between(10n, 100n),
    bountyBps: between(0n, 5_000n),
    graceSeconds: between(divideUp(phase, 720n), DAY),
    submitGraceSeconds: between(0n, DAY),
    windowSeconds: between(phase, 30n * DAY),
    bidSeconds: between(phase, 30n * DAY),
    answerSeconds: between(phase, least(7n * DAY, BigInt(market.windowSeconds))),
    minLotCollateral: between(
      most(1n, divideUp(firstCollateral, LOT_COLLATERAL_RANGE)),
      firstCollateral * LOT_COLLATERAL_RANGE,
    ),
    receiptFee: between(divideUp(market.minLotCollateral, 1_000n), market.minLotCollateral),
    jurorFee: between(
      most(1n, divideUp(firstFee, JUROR_FEE_RANGE)),
      least(firstFee * JUROR_FEE_RANGE, market.minLotCollateral / 10n),
    ),
    seatStake: between(8n * court.jurorFee, 10_000n * court.jurorFee),
    minSeats: between(5n, 1_000n),
    kappaBps: between(100n, 50_000n),
    activationSeconds: between(phase, 30n * DAY),
    phaseSeconds: between(phase, 2n * DAY),
  };
}

/** @throws MillraceError `parameter-out-of-bounds`, naming each that is */
export function checkBounds(
  next: GovernedNumbers,
  limits: { first: GovernedNumbers; minPhaseSeconds: number },
): void {
  const bounds = parameterBounds(next, limits);
  const values: Record<string, number | bigint> = { ...next.market, ...next.court };
  const wrong = (Object.keys(bounds) as (keyof ParameterBounds)[]).flatMap((field) => {
    const { min, max } = bounds[field];
    const value = BigInt(values[field]!);
    if (value >= min && value <= max) return [];
    const [is, from, to] = [value, min, max].map((number) => wordParameter(field, number));
    return [`${parameterWords[field].name}: ${is} is not between ${from} and ${to}.`];
  });
  if (wrong.length === 0) return;
  throw new MillraceError("The contract would refuse these numbers.", {
    code: "parameter-out-of-bounds",
    details: wrong.join("\n"),
  });
}

const least = (a: bigint, b: bigint) => (a < b ? a : b);
const most = (a: bigint, b: bigint) => (a > b ? a : b);
const divideUp = (a: bigint, b: bigint) => (a + b - 1n) / b;
