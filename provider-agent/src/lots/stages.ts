import {
  commitmentOf,
  type LotState,
  MillraceError,
  marketAbi,
  type Submission,
  settlementOf,
  storedCommitment,
} from "@millrace/protocol";
import { encodeFunctionData } from "viem";
import { commitLot, readCommitment } from "../commit/commitLot.ts";
import { defend } from "../defend/defend.ts";
import { deliverKey, deliverResults } from "../deliver/deliver.ts";
import { answerDemands } from "../demands/answerDemands.ts";
import { AgentError } from "../errors.ts";
import { fetchInput } from "../fetch/fetchInput.ts";
import { inferLot } from "../infer/inferLot.ts";
import type { StageContext } from "./context.ts";
import type { LotStage, OwnLot } from "./lotBook.ts";

/** Where a lot goes after a stage: on, to the same stage again later, or out. */
export type Next = { stage: LotStage; delaySeconds?: number } | { out: "settled" | "lost" | "released" };

/** A submitted lot is looked at again at least so often, even if no event tells of it. */
const COLLECT_CHECK_SECONDS = 600;
/** So does one that only an agent with another model could compute. */
const OTHER_MODEL_CHECK_SECONDS = 60;

/**
 * Runs one stage of a lot, after asking the chain whether the lot still is what the stage takes it for. Every stage may
 * be repeated: what it did before a crash it finds done.
 */
export async function runStage(context: StageContext, own: OwnLot, stage: LotStage): Promise<Next> {
  const { chain } = context;
  let state = await chain.lotState(own.lotId);
  let lookAgainSeconds = Number.POSITIVE_INFINITY;
  // Before anything else, whatever the stage: the key of the results may wait, the collateral does not.
  if (state.status === "demanded") {
    await answerDemands(context, own);
    state = await chain.lotState(own.lotId);
  } else if (state.status === "challenged") {
    lookAgainSeconds = await defend(context, own);
    state = await chain.lotState(own.lotId);
  }
  const next = await advance(context, own, { stage, state });
  if ("out" in next || next.delaySeconds === undefined) return next;
  return { ...next, delaySeconds: Math.min(next.delaySeconds, lookAgainSeconds) };
}

async function advance(
  context: StageContext,
  own: OwnLot,
  { stage, state }: { stage: LotStage; state: LotState },
): Promise<Next> {
  const { logger } = context;
  switch (state.status) {
    case "none":
      return over(context, own, stage);
    case "open":
      logger.warn({ lotId: own.lotId }, "the lot is no longer ours");
      return { out: "lost" };
    case "submitted":
    case "demanded":
    case "challenged":
      if (stage !== "submit" && stage !== "collect") return { stage: "submit" };
      return stage === "submit" ? handOver(context, own, state) : collect(context, own, state);
    case "assigned":
      return work(context, own, stage);
  }
}

/** The chain keeps nothing of the lot: it was paid, or lost and then closed, or its assignment is not there (yet). */
async function over(context: StageContext, own: OwnLot, stage: LotStage): Promise<Next> {
  const { chain, logger } = context;
  const { lotId } = own;
  const end = await chain.endOf(lotId);
  // A reorg took its assignment back, or the endpoint lags behind the one that told us.
  if (!end) throw new AgentError("The chain does not know the lot.", { code: "lot-gone", retryable: true });
  if (end === "lost") {
    logger.warn({ lotId }, "the lot is no longer ours");
    return { out: "lost" };
  }
  // Paid before the key was handed over: who paid is to have what they paid for.
  const commitment = stage === "collect" ? undefined : await readCommitment(own);
  if (commitment) {
    await deliverKey(context, own, commitment).catch((error: unknown) => {
      context.signal.throwIfAborted();
      const isInTime = chain.now() <= own.lot.deadline + own.lot.windowSeconds;
      if (isInTime && !isRefused(error)) throw error;
      logger.warn({ lotId, error: String(error) }, "the key of a paid lot cannot be handed over");
    });
  }
  return { out: "settled" };
}

/** Whether every relay answered, and took nothing: one that forgot the lot will not take it later either. */
function isRefused(error: unknown): boolean {
  const causes =
    error instanceof AgentError && error.cause instanceof AggregateError ? error.cause.errors : [];
  return (
    causes.length > 0 &&
    causes.every((cause) => cause instanceof MillraceError && cause.code === "relay-refused")
  );
}

async function work(context: StageContext, own: OwnLot, stage: LotStage): Promise<Next> {
  const isLate = context.chain.now() > own.lot.deadline;
  if (isLate && (stage === "fetch" || stage === "infer")) return giveUp(context, own);
  switch (stage) {
    case "fetch":
      return (await fetchInput(context, own)) ? { stage: "infer" } : { out: "released" };
    case "infer":
      if (isForAnotherModel(context, own)) return { stage, delaySeconds: OTHER_MODEL_CHECK_SECONDS };
      await inferLot(context, own);
      return { stage: "commit" };
    case "commit":
      return commit(context, own, isLate);
    case "deliver":
      await deliverResults(context, own);
      return { stage: "submit" };
    case "submit":
      return submit(context, own);
    case "collect":
      // A reorg took the submission back.
      return { stage: "deliver" };
  }
}

/** The agent was started again with another model: receipts of that one would be faults. */
function isForAnotherModel({ modelId, logger }: StageContext, { job, lotId }: OwnLot): boolean {
  if (job.request.modelId === modelId) return false;
  logger.error({ lotId, modelId: job.request.modelId }, "a lot waits for another model; run that one for it");
  return true;
}

async function commit(context: StageContext, own: OwnLot, isLate: boolean): Promise<Next> {
  // What was begun for another model goes back, where it waits.
  if (!(await readCommitment(own)) && isForAnotherModel(context, own)) return { stage: "infer" };
  try {
    await commitLot(context, own);
    return { stage: "deliver" };
  } catch (error) {
    // To submit a fault would cost more than to submit nothing.
    if (!isLate || !(error instanceof AgentError) || error.code !== "self-check-failed") throw error;
    context.logger.error({ lotId: own.lotId, error: error.message }, "the results cannot be committed to");
    return giveUp(context, own);
  }
}

async function submit(context: StageContext, own: OwnLot): Promise<Next> {
  const commitment = await readCommitment(own);
  if (!commitment) return { stage: "commit" };
  await context.submitter.add({ lot: own.lot, submission: commitment.submission });
  const state = await context.chain.lotState(own.lotId);
  return state.status === "submitted" ? handOver(context, own, state) : { stage: "submit", delaySeconds: 1 };
}

/** The submission is mined: the buyer gets the key, if the submission really is ours. */
async function handOver(context: StageContext, own: OwnLot, state: LotState): Promise<Next> {
  const commitment = await readCommitment(own);
  // Without a folder (restored from a copy, say) the lot can still be paid.
  if (commitment && isCommitted(own, state, commitment.submission)) {
    await deliverKey(context, own, commitment);
  } else {
    context.logger.error(
      { lotId: own.lotId },
      "what was submitted is not what is kept; nothing is handed over",
    );
  }
  return { stage: "collect" };
}

/** Settles the lot once its window, or its hold, is over; if the buyer accepts before, an event says so. */
async function collect(context: StageContext, own: OwnLot, state: LotState): Promise<Next> {
  const { chain, settler } = context;
  const left = state.timestamp + 1 - chain.now();
  if (left <= 0) {
    const submission = await submissionOf(context, own, state);
    if (submission) await settler.add(settlementOf(own.lot, submission));
  }
  return { stage: "collect", delaySeconds: Math.min(COLLECT_CHECK_SECONDS, Math.max(1, left)) };
}

/** What the chain binds us to: from the lot's folder, or from the event if that is gone. */
async function submissionOf(
  { chain }: StageContext,
  own: OwnLot,
  state: LotState,
): Promise<Submission | undefined> {
  const kept = (await readCommitment(own))?.submission;
  if (kept && isCommitted(own, state, kept)) return kept;
  const logged = await chain.submission(own.lotId);
  return logged && isCommitted(own, state, logged) ? logged : undefined;
}

function isCommitted({ lotId }: OwnLot, { commitment }: LotState, submission: Submission): boolean {
  return storedCommitment(commitmentOf(lotId, submission)) === commitment;
}

/** A lot that will not be done in time is given up at once: the buyer can go on, and what remains of the collateral is free. */
async function giveUp({ chain, transactions, logger }: StageContext, own: OwnLot): Promise<Next> {
  logger.error({ lotId: own.lotId }, "the deadline passed; giving the lot up");
  try {
    await transactions.send(() => ({
      to: chain.ref.market,
      data: encodeFunctionData({ abi: marketAbi, functionName: "expire", args: [own.lot] }),
      purpose: "expiry of an own lot",
    }));
  } catch (error) {
    if (!(error instanceof AgentError) || error.code !== "transaction-reverted") throw error;
    // Someone else was faster.
  }
  return { out: "lost" };
}
