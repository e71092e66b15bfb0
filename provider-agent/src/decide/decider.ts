import { costUp, type Job, type Lot, lotIdOf, type MarketParameters } from "@millrace/protocol";
import type { Logger } from "pino";
import type { Hex } from "viem";
import type { Chain } from "../chain/chain.ts";
import type { Claimer } from "../claim/claimer.ts";
import { revertOf } from "../errors.ts";
import { Postponed } from "../queue/queues.ts";
import { type Bid, type Decision, decideBid, type Means } from "./decideBid.ts";
import { rampStart } from "./ramp.ts";

/** Something we may want to claim. The terms of its job are looked up each time, as its buyer may raise the limits. */
export type Chance =
  | { kind: "bid"; jobId: Hex }
  /** A lot that was given back or expired, or whose provider was slashed. */
  | { kind: "reopened"; lot: Lot }
  /** A lot of someone else that may be late one day; then we may expire it and claim it. */
  | { kind: "late"; lot: Lot };

/** How long a bid waits at most before it is looked at again. */
const MAX_WAIT_MS = 60_000;
/** Freed capacity brings waiting chances forward; this is for those that were being put aside at that moment. */
const CAPACITY_WAIT_MS = 2_000;
/** A refused claim mostly means that someone else was faster. */
const RACE_WAIT_MS = 200;
/** Refusals that are about our own account, which does not change by itself. */
const OWN_REFUSALS: readonly string[] = [
  "Operators_NotAuthorised",
  "Operators_CollateralCapExceeded",
  "Ledger_InsufficientFree",
];

export function chanceId(chance: Chance): string {
  return chance.kind === "bid" ? `bid-${chance.jobId}` : `${chance.kind}-${lotIdOf(chance.lot)}`;
}

const jobIdOf = (chance: Chance): Hex => (chance.kind === "bid" ? chance.jobId : chance.lot.jobId);

/** Looks at chances one at a time and takes the good ones. */
export interface Decider {
  /**
   * @throws Postponed if the chance is worth another look
   */
  consider(id: string, chance: Chance): Promise<void>;
  /** The ids of chances that wait for capacity or collateral of ours. */
  readonly waiting: ReadonlySet<string>;
}

export function createDecider({
  chain,
  claimer,
  means,
  isAccepting,
  logger,
}: {
  chain: Chain;
  claimer: Claimer;
  /** What we have at the moment, for a job under these numbers. */
  means(parameters: MarketParameters): Promise<Means>;
  isAccepting(): boolean;
  logger: Logger;
}): Decider {
  const waiting = new Set<string>();

  async function consider(id: string, chance: Chance): Promise<void> {
    waiting.delete(id);
    if (!isAccepting()) throw new Postponed(MAX_WAIT_MS);
    const job = await chain.job(jobIdOf(chance));
    // A reorg took it back; if it is opened again, that is another chance.
    if (!job) return;
    const parameters = await chain.parameters(job.parametersVersion);
    const bid = await bidOf(chance, job, parameters);
    if (!bid) return;
    const decision = decideBid(bid, await means(parameters), chain.now());
    logger.debug({ id, decision }, "decided");
    const isWanted =
      decision.action === "claim" || (decision.action === "wait" && decision.reason === "price");
    // Once it is open its ramp runs; the event of its reopening brings it back here.
    if (chance.kind === "late" && isWanted) return reopen(chance.lot);
    switch (decision.action) {
      case "drop":
        return;
      case "wait":
        throw postponed(id, decision);
      case "claim":
        return take(chance, job, decision.items);
    }
  }

  async function take(chance: Chance, job: Job, items: number): Promise<void> {
    try {
      switch (chance.kind) {
        case "bid": {
          await claimer.claim(job, items);
          // There may be more of it.
          throw new Postponed(0);
        }
        case "late":
        case "reopened":
          await claimer.claimReopened(job, chance.lot);
          return;
      }
    } catch (error) {
      // Raised between the event that we know and now.
      if (revertOf(error) === "Market_WrongTerms") chain.forget(jobIdOf(chance));
      outrun(error);
    }
  }

  async function reopen(lot: Lot): Promise<void> {
    try {
      await claimer.expire(lot);
    } catch (error) {
      outrun(error);
    }
  }

  /** What the contract refuses someone else was faster to take; what is left of it shows on the next look. */
  function outrun(error: unknown): never {
    const revert = revertOf(error);
    if (revert === undefined) throw error;
    logger.info({ revert }, "a claim was refused");
    throw new Postponed(OWN_REFUSALS.includes(revert) ? MAX_WAIT_MS : RACE_WAIT_MS);
  }

  function postponed(id: string, { reason, until }: Extract<Decision, { action: "wait" }>): Postponed {
    if (reason !== "price") waiting.add(id);
    const left = until === undefined ? CAPACITY_WAIT_MS : (until - chain.now()) * 1_000;
    return new Postponed(Math.max(50, Math.min(MAX_WAIT_MS, left)));
  }

  /** What can be claimed; undefined if nothing ever will. */
  async function bidOf(
    chance: Chance,
    { request, openedAt }: Job,
    { bidSeconds }: MarketParameters,
  ): Promise<Bid | undefined> {
    const caps = { promptTokensCap: request.promptTokensCap, outputTokensCap: request.outputTokensCap };
    const limits = {
      promptPricePerMillion: request.promptLimitPerMillion,
      outputPricePerMillion: request.outputLimitPerMillion,
    };
    const common = {
      caps,
      turnaroundSeconds: request.turnaroundSeconds,
      claimableUntil: openedAt + bidSeconds,
      itemEscrow: costUp(BigInt(caps.promptTokensCap), BigInt(caps.outputTokensCap), limits),
      minLotItems: request.minLotItems,
      minLotValue: request.minLotValue,
    };
    const ramp = (from: bigint, to: bigint) => ({ from, to, rampSeconds: request.rampSeconds });
    if (chance.kind === "bid") {
      const { items } = await chain.openItems(chance.jobId);
      if (items === 0) return undefined;
      return {
        ...common,
        items,
        isWhole: false,
        since: openedAt,
        promptRamp: ramp(
          rampStart(request.promptLimitPerMillion, request.startBps),
          request.promptLimitPerMillion,
        ),
        outputRamp: ramp(
          rampStart(request.outputLimitPerMillion, request.startBps),
          request.outputLimitPerMillion,
        ),
      };
    }
    const { lot } = chance;
    const { status, timestamp, escrow } = await chain.lotState(lotIdOf(lot));
    const reopened = {
      ...common,
      items: lot.itemCount,
      isWhole: true,
      since: status === "open" ? timestamp : chain.now(),
      promptRamp: ramp(lot.promptPricePerMillion, request.promptLimitPerMillion),
      outputRamp: ramp(lot.outputPricePerMillion, request.outputLimitPerMillion),
    };
    if (status === "assigned" && chance.kind === "late") {
      const left = lot.deadline + 1 - chain.now();
      if (left > 0) throw new Postponed(Math.min(MAX_WAIT_MS, left * 1_000));
      return reopened;
    }
    if (status !== "open") return undefined;
    // Expired by another: the same chance is in the queue as reopened.
    if (chance.kind === "late") return undefined;
    const full = common.itemEscrow * BigInt(lot.itemCount);
    return escrow < full ? capped(reopened, escrow, full) : reopened;
  }

  /**
   * Release charges came out of the escrow, or a top-up left it behind; the Market scales the limits to what there is.
   */
  function capped(bid: Bid, escrow: bigint, full: bigint): Bid {
    const scale = (to: bigint) => (to * escrow) / full;
    const items = BigInt(bid.items);
    return {
      ...bid,
      // Up, so that no collateral is counted too low.
      itemEscrow: (escrow + items - 1n) / items,
      promptRamp: cap(bid.promptRamp, scale(bid.promptRamp.to)),
      outputRamp: cap(bid.outputRamp, scale(bid.outputRamp.to)),
    };
  }

  return { consider, waiting };
}

/** A ramp that stops where its escrow ends. Its slope stays, so it gets there sooner. */
function cap({ from, to, rampSeconds }: Bid["promptRamp"], most: bigint): Bid["promptRamp"] {
  if (most >= to) return { from, to, rampSeconds };
  if (from >= most) return { from: most, to: most, rampSeconds };
  return { from, to: most, rampSeconds: Number((BigInt(rampSeconds) * (most - from)) / (to - from)) };
}
