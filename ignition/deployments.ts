import { type CourtParameters, developmentAccount, type MarketParameters } from "@millrace/protocol";
import { type Address, parseEther, parseUnits, zeroAddress } from "viem";

/** All that is chosen when Millrace is deployed on a network. What it then is can be read back from the chain. */
export interface Deployment {
  chainId: number;
  /** The ERC-20 with 6 decimals in which this Market prices; undefined: a worthless one of its own. */
  asset: Address | undefined;
  /** The chain's force-inclusion delay: for so long its sequencer may keep a transaction out. */
  minPhaseSeconds: number;
  /** Who may pause openings; zero: nobody, until a vote names someone. */
  guardian: Address;
  /** Who has all MILL at first; undefined: named when it is deployed. */
  millHolder: Address | undefined;
  governance: Governance;
  /** The first version of the governed numbers. */
  marketParameters: MarketParameters;
  courtParameters: CourtParameters;
}

/** A vote's times, fixed for good; together no longer than the cooldown. */
export interface Governance {
  votingDelaySeconds: number;
  votingPeriodSeconds: number;
  timelockDelaySeconds: number;
  cooldownSeconds: number;
  /** Votes that a proposer needs, in wei of MILL. */
  proposalThreshold: bigint;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const ASSET_DECIMALS = 6;

/** The same everywhere. */
const shares = {
  feeBps: 100,
  collateralBps: 10_000,
  penaltyBps: 1_000,
  releaseBps: 50,
  bountyBps: 1_000,
  bidSeconds: 30 * DAY,
} as const satisfies Partial<MarketParameters>;

/** Rollups of Ethereum whose blocks cost cents, with USDC. */
const rollup = {
  // Arbitrum's sequencer can keep a transaction out for 24 hours; the same is assumed of Base.
  minPhaseSeconds: 24 * HOUR,
  guardian: zeroAddress,
  millHolder: undefined,
  governance: {
    // Long enough to force a stake in before the votes are counted.
    votingDelaySeconds: 2 * DAY,
    votingPeriodSeconds: 7 * DAY,
    // Everyone's notice, with time to force an exit in.
    timelockDelaySeconds: 3 * DAY,
    cooldownSeconds: 14 * DAY,
    proposalThreshold: parseEther("1000000"),
  },
  marketParameters: {
    ...shares,
    graceSeconds: 10 * MINUTE,
    submitGraceSeconds: 15 * MINUTE,
    // Half a day longer than a transaction can be kept out.
    windowSeconds: 36 * HOUR,
    answerSeconds: 30 * HOUR,
    minLotCollateral: parseUnits("2", ASSET_DECIMALS),
    // Meant to be 1.5 × what the answer costs in gas; to be measured before a deployment that holds money.
    receiptFee: parseUnits("0.05", ASSET_DECIMALS),
  },
  courtParameters: {
    // As much as the least collateral bears: re-scoring one item, and two transactions of some cents.
    jurorFee: parseUnits("0.20", ASSET_DECIMALS),
    // 45 of them protect lots of 2,000 USDC with as much collateral, and more.
    seatStake: parseUnits("100", ASSET_DECIMALS),
    // Juries of 5, 11 and 23 without a juror in common, and six more that may be of the parties: with fewer an appeal
    // could not be heard, and the smallest jury would have the last word.
    minSeats: 45,
    kappaBps: 10_000,
    // Longer than a day's turnaround and the window after it: who sees a job that they want to judge comes too late.
    activationSeconds: 3 * DAY,
    // As for the window. The longest case takes 60 days of the 90 that the court may hold a lot.
    phaseSeconds: 36 * HOUR,
  },
} as const satisfies Omit<Deployment, "chainId" | "asset">;

/** Windows of seconds, so that a job can be followed through every state by hand. */
const local = {
  chainId: 31337,
  asset: undefined,
  minPhaseSeconds: 1,
  guardian: developmentAccount(18).address,
  millHolder: developmentAccount(19).address,
  governance: {
    votingDelaySeconds: 1,
    votingPeriodSeconds: MINUTE,
    timelockDelaySeconds: 1,
    cooldownSeconds: 2 * MINUTE,
    proposalThreshold: parseEther("1"),
  },
  marketParameters: {
    ...shares,
    graceSeconds: 30,
    submitGraceSeconds: 5,
    windowSeconds: 30,
    answerSeconds: 20,
    minLotCollateral: 10_000n,
    receiptFee: 500n,
  },
  courtParameters: {
    jurorFee: 1_000n,
    seatStake: 1_000_000n,
    // One first jury: no more accounts are needed to follow a case.
    minSeats: 5,
    kappaBps: 10_000,
    activationSeconds: 5,
    phaseSeconds: 20,
  },
} as const satisfies Deployment;

/** By network name. USDC: https://developers.circle.com/stablecoins/usdc-contract-addresses */
export const deployments = {
  local,
  base: { ...rollup, chainId: 8453, asset: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913" },
  arbitrum: { ...rollup, chainId: 42161, asset: "0xaf88d065e77c8cC2239327C5EDb3A432268e5831" },
} as const satisfies Record<string, Deployment>;
