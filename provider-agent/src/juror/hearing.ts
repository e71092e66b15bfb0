import { type CaseState, courtAbi, juryIdOf, jurySizes, NO_EVIDENCE } from "@millrace/protocol";
import type { Logger } from "pino";
import { concat, encodeFunctionData, type Hex, keccak256 } from "viem";
import type { Chain } from "../chain/chain.ts";
import type { Transactions } from "../chain/transactions.ts";
import { choreOf, doChore, patienceSeconds } from "../court/chores.ts";
import { ABSENT, type CourtReader } from "../court/courtReader.ts";
import { AgentError, isRevert } from "../errors.ts";
import type { Duty, VoteBook } from "./voteBook.ts";
import { type Scales, weigh } from "./weigh.ts";

/** What a juror sees to cases with. */
export interface HearingContext {
  chain: Chain;
  court: CourtReader;
  transactions: Transactions;
  scales: Scales;
  book: VoteBook;
  /** Opens what is wrapped to our seats. */
  identity: string;
  /** Whether a seat is ours. */
  isOurs(seatId: number): boolean;
  /** Among jurors who are not in the present jury, and would else all do the same at the same time. */
  rank(): number;
  onVote(vote: { lotId: Hex; seatId: number; vote: number }): void;
  logger: Logger;
  signal: AbortSignal;
}

/** Without an event a case is looked at again after so long; evidence that was not there, much sooner. */
const HEARTBEAT_SECONDS = 600;
const EVIDENCE_RETRY_SHARE = 1 / 20;
const MOST_RETRY_SECONDS = 60;
/** Of the phase: what is left of it when we stop waiting for evidence, and commit to having none. */
const LAST_SHARE = 1 / 4;

/**
 * Does what a case asks of our seats now, which the chain and the book of votes tell, so that it may be called at any
 * time: commits to votes, reveals them, and moves on what nobody else does.
 *
 * @returns after how many seconds to look again; undefined: the case is over
 */
export async function hear(context: HearingContext, lotId: Hex): Promise<number | undefined> {
  const { chain, court, isOurs } = context;
  const state = await court.caseOf(lotId);
  if (state.status === "none") return undefined;
  const { seatIds, votes } = await court.jury(lotId, state.round);
  const juryId = juryIdOf(lotId, state);
  const duties = seatIds.flatMap((seatId, place): Duty[] =>
    isOurs(seatId) ? [{ lotId, juryId, seatId, place }] : [],
  );
  let next = HEARTBEAT_SECONDS;
  const lookAt = (time: number) => {
    next = Math.min(next, Math.max(1, time - chain.now()));
  };

  for (const duty of duties) {
    if (state.status === "commit" && chain.now() <= state.deadline) {
      const again = await commit(context, duty, state);
      if (again !== undefined) lookAt(again);
    }
    if (votes[duty.place] === ABSENT) await reveal(context, duty, state);
  }
  if (state.status === "commit") lookAt(state.deadline + 1);

  const isRevealed = !(await court.jury(lotId, state.round)).votes.includes(ABSENT);
  const chore = choreOf(state, { now: chain.now(), isRevealed });
  const due = chore.from + patienceSeconds(state, 1 + (duties[0]?.place ?? context.rank()));
  if (chain.now() < due) lookAt(due);
  else if (await doChore(context, lotId, chore)) lookAt(chain.now());
  else lookAt(chain.now() + patienceSeconds(state, 0));
  return next;
}

/** Makes up a vote and commits to it; the time at which to try again, if there is none yet. */
async function commit(context: HearingContext, duty: Duty, state: CaseState): Promise<number | undefined> {
  const { chain, court, transactions, book, logger } = context;
  const { lotId, seatId, place } = duty;
  // One that is not ours we cannot open; it was a former run's, which lost its book.
  if ((await court.commitments(lotId)).has(place)) return undefined;
  const [evidenceHash, keys] = await Promise.all([court.evidenceHash(lotId), court.wrappedKeys(lotId)]);
  const wrappedKey = keys?.[place];
  // The endpoint lags behind the one that told us of the keys.
  if (evidenceHash === undefined || wrappedKey === undefined) return chain.now() + 1;
  const about = keccak256(concat([evidenceHash, wrappedKey]));
  let kept = await book.read(duty);
  if (kept?.about !== about) {
    const vote = await makeUpMind(context, duty, { state, evidenceHash, wrappedKey });
    if (vote === undefined) {
      const pause = Math.min(MOST_RETRY_SECONDS, Math.ceil(state.phaseSeconds * EVIDENCE_RETRY_SHARE));
      return chain.now() + pause;
    }
    kept = { vote, about };
    await book.write(duty, kept);
  }
  const commitment = book.commitmentOf(duty, kept.vote);
  try {
    await transactions.send(() => ({
      to: court.address,
      data: encodeFunctionData({
        abi: courtAbi,
        functionName: "commitVote",
        args: [lotId, BigInt(place), commitment],
      }),
      purpose: "commitment to a vote",
    }));
    logger.info({ lotId, seatId }, "committed to a vote");
  } catch (error) {
    if (!isRevert(error)) throw error;
    // By what a former run had sent, or too late.
    logger.warn({ lotId, seatId, revert: error.revert }, "the court does not take a vote");
  }
  return undefined;
}

/** The vote; undefined while the evidence may come yet. */
async function makeUpMind(
  context: HearingContext,
  { lotId, seatId }: Duty,
  { state, evidenceHash, wrappedKey }: { state: CaseState; evidenceHash: Hex; wrappedKey: Hex },
): Promise<number | undefined> {
  const { chain, scales, identity, logger } = context;
  const lastCall = state.deadline - state.phaseSeconds * LAST_SHARE;
  const left = lastCall - chain.now();
  // What began before is tried once more after it.
  const isLastCall = left <= 0;
  const withoutEvidence = (error: unknown) => {
    logger.warn({ lotId, seatId, error: String(error) }, "no evidence");
    return NO_EVIDENCE;
  };
  try {
    const lot = await chain.lot(lotId);
    if (!lot) throw new AgentError("The lot's terms are not seen.", { code: "lot-gone", retryable: true });
    const limit = AbortSignal.timeout(1_000 * Math.max(left, (state.deadline - chain.now()) / 2, 1));
    const signal = AbortSignal.any([context.signal, limit]);
    const matter = { lot, lotId, state, evidenceHash, wrappedKey, identity, isLastCall, signal };
    const vote = await weigh(scales, matter);
    logger.info({ lotId, seatId, vote, kind: state.kind, round: state.round }, "weighed a case");
    return vote;
  } catch (error) {
    context.signal.throwIfAborted();
    const isFinal = error instanceof AgentError && error.code === "evidence-unusable";
    if (isFinal || isLastCall) return withoutEvidence(error);
    logger.info({ lotId, seatId, error: String(error) }, "the evidence cannot be weighed yet");
    return undefined;
  }
}

/** Reveals our vote, if it is time. */
async function reveal(context: HearingContext, duty: Duty, state: CaseState): Promise<void> {
  const { chain, court, transactions, book, logger, onVote } = context;
  const { lotId, seatId, place } = duty;
  if (!(await isRevealing(context, duty, state))) return;
  const kept = await book.read(duty);
  if (!kept) return;
  try {
    await transactions.send(() => ({
      to: court.address,
      data: encodeFunctionData({
        abi: courtAbi,
        functionName: "revealVote",
        args: [lotId, BigInt(place), kept.vote, book.saltOf(duty)],
      }),
      purpose: "revealing of a vote",
    }));
    logger.info({ lotId, seatId, vote: kept.vote, at: chain.now() }, "revealed a vote");
    onVote({ lotId, seatId, vote: kept.vote });
  } catch (error) {
    if (!isRevert(error)) throw error;
    logger.warn({ lotId, seatId, revert: error.revert }, "the court does not take what a vote was");
  }
}

async function isRevealing(
  { chain, court }: HearingContext,
  { lotId }: Duty,
  state: CaseState,
): Promise<boolean> {
  const { status, deadline, phaseSeconds, round } = state;
  if (status === "reveal") return chain.now() <= deadline;
  if (status !== "commit") return false;
  if (chain.now() > deadline) return chain.now() <= deadline + phaseSeconds;
  return (await court.commitments(lotId)).size === jurySizes[round];
}
