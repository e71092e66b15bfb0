import { type Job, type Lot, lotIdOf } from "@millrace/protocol";
import type { Logger } from "pino";
import type { Address, Hex } from "viem";
import type { Chain } from "../chain/chain.ts";
import type { Chance } from "../decide/decider.ts";
import type { Cursor } from "./cursor.ts";
import type { MarketLog } from "./watcher.ts";

/** What events lead to. Everything here may be asked for more than once. */
export interface MarketEventHandlers {
  /** Someone may claim this. `delaySeconds`: not before. */
  onChance(chance: Chance, delaySeconds?: number): Promise<void>;
  onAssigned(entry: { lot: Lot; job: Job }): Promise<void>;
  /** Something happened to a lot that may be ours. */
  onLotChanged(lotId: Hex): Promise<void>;
  /** One of our lots was paid. */
  onPaid(): Promise<void>;
}

/** Reads the Market's events as what they mean to one provider of one model. */
export function createMarketEvents({
  chain,
  cursor,
  provider,
  modelId,
  handlers,
  logger,
}: {
  chain: Chain;
  cursor: Cursor;
  provider: Address;
  modelId: Hex;
  handlers: MarketEventHandlers;
  logger: Logger;
}): (logs: MarketLog[]) => Promise<void> {
  const isOurs = (address: Address) => address.toLowerCase() === provider.toLowerCase();

  async function onLog(log: MarketLog): Promise<void> {
    switch (log.eventName) {
      case "JobOpened": {
        const { jobId, job } = log.args;
        chain.remember(jobId, job);
        if (job.request.modelId === modelId) await handlers.onChance({ kind: "bid", job });
        return;
      }
      case "LotAssigned": {
        const { lot, lotId } = log.args;
        const job = await chain.job(lot.jobId);
        if (!job) return;
        if (isOurs(lot.provider)) {
          if (job.request.modelId === modelId) return handlers.onAssigned({ lot, job });
          logger.error({ lotId }, "a lot for another model was assigned to us; cancel the offers for it");
          return;
        }
        if (job.request.modelId !== modelId) return;
        const left = lot.deadline + 1 - chain.now();
        return handlers.onChance({ kind: "late", job, lot }, Math.max(0, left));
      }
      case "LotReleased":
      case "LotExpired": {
        const { lotId, jobId } = log.args;
        await handlers.onLotChanged(lotId);
        const job = await chain.job(jobId);
        if (job?.request.modelId !== modelId) return;
        const lot = await chain.lot(lotId);
        // What we could not do once we do not try again: others should have a chance.
        if (!lot || lotIdOf(lot) !== lotId || isOurs(lot.provider)) return;
        return handlers.onChance({ kind: "reopened", job, lot });
      }
      case "LotSettled": {
        const { lotId, paid, forfeit } = log.args;
        if (!isOurs(log.args.provider)) return;
        cursor.settle({ lotId, block: log.blockNumber, earned: paid - forfeit });
        logger.info({ lotId, paid: paid.toString(), forfeit: forfeit.toString() }, "lot paid");
        await handlers.onLotChanged(lotId);
        return handlers.onPaid();
      }
    }
  }

  return async (logs) => {
    for (const log of logs) await onLog(log);
  };
}
