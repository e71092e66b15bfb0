import type { Logger } from "pino";
import { type Address, type Hex, isAddressEqual } from "viem";
import type { Chain } from "../chain/chain.ts";
import type { Cursor } from "../watch/cursor.ts";
import type { CourtLog } from "./courtLogs.ts";
import type { OwnSeats } from "./ownSeats.ts";
import type { Visits } from "./visits.ts";
import type { VoteBook } from "./voteBook.ts";

/** Reads the court's events as what they mean to one juror. */
export interface CourtEvents {
  /** Acts on a run of events, in order; may see some again. */
  onLogs(logs: CourtLog[]): Promise<void>;
  /** Whether a jury of the lot was drawn so lately that an endpoint may not know of it. */
  isFresh(lotId: Hex): boolean;
}

/** Endpoints may lag behind each other by so long. */
const LAG_SECONDS = { local: 2, remote: 60 };

export function createCourtEvents({
  chain,
  cursor,
  seats,
  book,
  visits,
  owner,
  onSettled,
  logger,
}: {
  chain: Chain;
  cursor: Cursor;
  seats: OwnSeats;
  book: VoteBook;
  visits: Visits;
  owner: Address;
  /** One of our seats was paid or penalised. */
  onSettled(seatId: number): void;
  logger: Logger;
}): CourtEvents {
  const drawnAt = new Map<Hex, number>();

  async function onLog(log: CourtLog): Promise<void> {
    switch (log.eventName) {
      case "SeatTaken":
        return isAddressEqual(log.args.owner, owner) ? seats.refresh() : undefined;
      case "SeatLeft":
        return seats.delete(log.args.seatId);
      case "SeatSettled": {
        const { seatId, pay, penalty } = log.args;
        if (!seats.has(seatId)) return;
        const id = `${log.transactionHash}/${log.logIndex}`;
        cursor.earn({ id, block: log.blockNumber, amount: pay - penalty });
        logger.info({ seatId, pay: pay.toString(), penalty: penalty.toString() }, "a jury was settled");
        return onSettled(seatId);
      }
      case "JuryDrawn": {
        const { lotId, round, seatIds } = log.args;
        if (!seatIds.some(seats.has)) break;
        logger.info({ lotId, round: Number(round) }, "drawn for a jury");
        drawnAt.set(lotId, chain.now());
        await book.open(lotId);
        return visits.wake(lotId);
      }
      case "CaseConcluded":
        drawnAt.delete(log.args.lotId);
        break;
      default:
        break;
    }
    if (visits.has(log.args.lotId)) visits.wake(log.args.lotId);
  }

  return {
    async onLogs(logs) {
      for (const log of logs) await onLog(log);
    },
    isFresh(lotId) {
      const drawn = drawnAt.get(lotId);
      if (drawn === undefined) return false;
      if (chain.now() - drawn < LAG_SECONDS[chain.isLocal ? "local" : "remote"]) return true;
      drawnAt.delete(lotId);
      return false;
    },
  };
}
