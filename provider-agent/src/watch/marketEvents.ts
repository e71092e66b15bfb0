import { type Job, type Lot, lotIdOf } from "@millrace/protocol";
import type { Logger } from "pino";
import { type Address, type Hex, isAddressEqual } from "viem";
import type { Chain } from "../chain/chain.ts";
import type { Chance } from "../decide/decider.ts";
import type { Cursor } from "./cursor.ts";
import type { MarketLog } from "./marketLogs.ts";

/**
 * For so many attempts at the same items the buyer pays as much for a release as the provider. What was given back in each
 * of them, for want of its input, we leave alone: the next release would be at our cost only.
 */
const SHARED_RELEASES = 3;

/** What events lead to. Everything here may be asked for more than once. */
export interface MarketEventHandlers {
  /** Someone may claim this. `delaySeconds`: not before. */
  onChance(chance: Chance, delaySeconds?: number): Promise<void>;
  onAssigned(entry: { lot: Lot; job: Job }): Promise<void>;
  /** Something happened to a lot that may be ours. */
  onLotChanged(lotId: Hex): Promise<void>;
  /** One of our lots was paid. */
  onPaid(): Promise<void>;
  /** One of our answers to a demand was taken. */
  onAnswered(): void;
  /** One of our lots lost its collateral. */
  onSlashed(): void;
}

/** Reads the contracts' events as what they mean to one provider of one model. */
export function createMarketEvents({
  chain,
  cursor,
  provider,
  encryptionKey,
  modelId,
  handlers,
  logger,
}: {
  chain: Chain;
  cursor: Cursor;
  provider: Address;
  /** Ours. A lot of the provider's under another key is for another agent of theirs. */
  encryptionKey: Hex;
  modelId: Hex;
  handlers: MarketEventHandlers;
  logger: Logger;
}): (logs: MarketLog[]) => Promise<void> {
  const isOurs = (address: Address) => isAddressEqual(address, provider);

  async function onLog(log: MarketLog): Promise<void> {
    switch (log.eventName) {
      case "JobOpened": {
        const { jobId, job } = log.args;
        chain.remember(jobId, job);
        if (job.request.modelId === modelId) await handlers.onChance({ kind: "bid", jobId });
        return;
      }
      case "JobToppedUp": {
        const { jobId } = log.args;
        chain.forget(jobId);
        const job = await chain.job(jobId);
        if (job?.request.modelId === modelId) await handlers.onChance({ kind: "bid", jobId });
        return;
      }
      case "LotAssigned":
        return onAssigned(log.args);
      case "LotReleased":
        return onReopened(log.args, { mostAttempts: SHARED_RELEASES - 1 });
      case "LotExpired":
        return onReopened(log.args);
      case "LotSlashed": {
        const { lotId, cost, compensation, bounty, rest } = log.args;
        if (isOurs(log.args.provider)) {
          const lost = cost + compensation + bounty + rest;
          logger.error({ lotId, lost: lost.toString() }, "a lot of ours was slashed");
          handlers.onSlashed();
        }
        return onReopened(log.args);
      }
      case "LotToppedUp":
        // The job's own event comes after those of its lots.
        chain.forget(log.args.jobId);
        return onReopened(log.args);
      case "LotHeld":
      case "LotResumed":
      case "DeliveryDemanded":
      case "CaseOpened":
      case "JuryArmed":
      case "JuryDrawn":
      case "CaseDecided":
      case "CaseConcluded":
        return handlers.onLotChanged(log.args.lotId);
      case "LotSettled": {
        const { lotId, paid, forfeit } = log.args;
        if (!isOurs(log.args.provider)) return;
        cursor.earn({ id: lotId, block: log.blockNumber, amount: paid - forfeit });
        logger.info({ lotId, paid: paid.toString(), forfeit: forfeit.toString() }, "lot paid");
        await handlers.onLotChanged(lotId);
        return handlers.onPaid();
      }
      case "ReceiptAnswered": {
        const { lotId, index, fee } = log.args;
        if (!isOurs(log.args.provider)) return;
        cursor.earn({ id: `${lotId}/${index}`, block: log.blockNumber, amount: fee });
        logger.info({ lotId, index: Number(index), fee: fee.toString() }, "answer paid");
        return handlers.onAnswered();
      }
    }
  }

  async function onAssigned({ lot, lotId, encryptionKey: key }: Assignment): Promise<void> {
    const job = await chain.job(lot.jobId);
    if (!job) return;
    const isOurModel = job.request.modelId === modelId;
    if (isOurs(lot.provider)) {
      // Giving it back is not ours to decide: another agent may have the key.
      if (key !== encryptionKey)
        return logger.warn({ lotId }, "a lot of ours is for a key that we do not have");
      if (isOurModel) return handlers.onAssigned({ lot, job });
      return logger.error({ lotId }, "a lot for another model was assigned to us; cancel the offers for it");
    }
    if (!isOurModel) return;
    const left = lot.deadline + 1 - chain.now();
    return handlers.onChance({ kind: "late", lot }, Math.max(0, left));
  }

  async function onReopened(
    { lotId, jobId }: { lotId: Hex; jobId: Hex },
    { mostAttempts = Number.POSITIVE_INFINITY } = {},
  ): Promise<void> {
    await handlers.onLotChanged(lotId);
    const job = await chain.job(jobId);
    if (job?.request.modelId !== modelId) return;
    const lot = await chain.lot(lotId);
    // What we could not do once we do not try again: others should have a chance.
    if (!lot || lotIdOf(lot) !== lotId || isOurs(lot.provider) || lot.attempt >= mostAttempts) return;
    return handlers.onChance({ kind: "reopened", lot });
  }

  return async (logs) => {
    for (const log of logs) await onLog(log);
  };
}

type Assignment = Extract<MarketLog, { eventName: "LotAssigned" }>["args"];
