import type { Logger } from "pino";
import { type Address, type Hex, isAddressEqual } from "viem";
import type { CourtReader } from "../court/courtReader.ts";

/** The seats that a juror votes for. */
export interface OwnSeats {
  ids(): readonly number[];
  has(seatId: number): boolean;
  delete(seatId: number): void;
  /** Reads them from the chain. */
  refresh(): Promise<void>;
}

/** Those of an owner for one model that name this voter and this key. */
export async function openOwnSeats(
  court: CourtReader,
  {
    owner,
    voter,
    modelId,
    encryptionKey,
    logger,
  }: { owner: Address; voter: Address; modelId: Hex; encryptionKey: Hex; logger: Logger },
): Promise<OwnSeats> {
  let ids = new Set<number>();
  const seats: OwnSeats = {
    ids: () => [...ids],
    has: (seatId) => ids.has(seatId),
    delete: (seatId) => {
      ids.delete(seatId);
    },
    async refresh() {
      const all = await court.seatsOf(owner);
      const votable = all.filter((seat) => seat.modelId === modelId && isAddressEqual(seat.voter, voter));
      for (const { seatId, encryptionKey: key } of votable) {
        // Its folder is elsewhere, or lost: then it should be given up once it may.
        if (key !== encryptionKey)
          logger.error({ seatId }, "a seat of ours is for a key that we do not have");
      }
      ids = new Set(
        votable.filter((seat) => seat.encryptionKey === encryptionKey).map(({ seatId }) => seatId),
      );
    },
  };
  await seats.refresh();
  return seats;
}
