import { marketAbi } from "@millrace/protocol";
import { encodeFunctionData } from "viem";
import { commitLot, readCommitment } from "../commit/commitLot.ts";
import { deliverKey, deliverResults } from "../deliver/deliver.ts";
import { AgentError } from "../errors.ts";
import { fetchInput } from "../fetch/fetchInput.ts";
import { inferLot } from "../infer/inferLot.ts";
import type { StageContext } from "./context.ts";
import type { LotStage, OwnLot } from "./lotBook.ts";

/** Where a lot goes after a stage: on, to the same stage again later, or out. */
export type Next = { stage: LotStage; delaySeconds?: number } | { out: "settled" | "lost" | "released" };

/** A submitted lot is looked at again at least so often, even if no event tells of it. */
const COLLECT_CHECK_SECONDS = 600;

/**
 * Runs one stage of a lot, after asking the chain whether the lot still is what the stage takes it for. Every stage may
 * be repeated: what it did before a crash it finds done.
 */
export async function runStage(context: StageContext, own: OwnLot, stage: LotStage): Promise<Next> {
  const { chain, logger } = context;
  const { status, timestamp } = await chain.lotState(own.lotId);
  switch (status) {
    case "settled":
      return { out: "settled" };
    case "none":
      // The block that assigned it is gone, or the endpoint lags behind the one that told us.
      throw new AgentError("The chain does not know the lot.", { code: "lot-gone", retryable: true });
    case "open":
    case "closed":
      logger.warn({ lotId: own.lotId, status }, "the lot is no longer ours");
      return { out: "lost" };
    case "submitted":
      if (stage !== "submit" && stage !== "collect") return { stage: "submit" };
      return stage === "submit" ? handOver(context, own) : collect(context, own, timestamp);
    case "assigned":
      return work(context, own, stage);
  }
}

async function work(context: StageContext, own: OwnLot, stage: LotStage): Promise<Next> {
  const isLate = context.chain.now() > own.lot.deadline;
  if (isLate && (stage === "fetch" || stage === "infer")) {
    await ownUp(context, own);
    return { out: "lost" };
  }
  switch (stage) {
    case "fetch":
      return (await fetchInput(context, own)) ? { stage: "infer" } : { out: "released" };
    case "infer":
      await inferLot(context, own);
      return { stage: "commit" };
    case "commit":
      await commitLot(context, own);
      return { stage: "deliver" };
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

async function submit(context: StageContext, own: OwnLot): Promise<Next> {
  const commitment = await readCommitment(own);
  if (!commitment) return { stage: "commit" };
  await context.submitter.add({ own, submission: commitment.submission });
  return handOver(context, own);
}

/** The submission is mined: the buyer gets the key, if the submission really is ours. */
async function handOver(context: StageContext, own: OwnLot): Promise<Next> {
  const { status } = await context.chain.lotState(own.lotId);
  if (status !== "submitted") return { stage: "submit", delaySeconds: 1 };
  const commitment = await readCommitment(own);
  // Without a folder (restored from a copy, say) the lot can still be paid.
  if (commitment) await deliverKey(context, own, commitment);
  return { stage: "collect" };
}

/** Settles the lot once the window is over; if the buyer accepts before, an event says so. */
async function collect({ chain, settler }: StageContext, own: OwnLot, windowEnd: number): Promise<Next> {
  const left = windowEnd + 1 - chain.now();
  if (left <= 0) await settler.add(own);
  return { stage: "collect", delaySeconds: Math.min(COLLECT_CHECK_SECONDS, Math.max(1, left)) };
}

/** A lot that will not be done in time is given up at once: the buyer can go on, and what remains of the collateral is free. */
async function ownUp({ chain, transactions, logger }: StageContext, own: OwnLot): Promise<void> {
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
}
