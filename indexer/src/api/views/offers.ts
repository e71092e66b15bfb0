import type { offer } from "ponder:schema";
import type { IndexedOffer } from "@millrace/protocol";
import { getAddress } from "viem";
import { priceOf } from "./prices.ts";

type OfferRow = typeof offer.$inferSelect;

/** @param epoch The provider's. */
export function offerView(row: OfferRow, epoch: number, now: number): IndexedOffer {
  const itemsLeft = Math.max(0, row.capacityItems - row.filledItems);
  return {
    offerId: row.offerId,
    provider: getAddress(row.provider),
    modelId: row.modelId,
    encryptionKey: row.encryptionKey,
    ...priceOf(row),
    capacityItems: row.capacityItems,
    minLotItems: row.minLotItems,
    maxLotItems: row.maxLotItems,
    minLotValue: String(row.minLotValue),
    maxPromptTokens: row.maxPromptTokens,
    maxOutputTokens: row.maxOutputTokens,
    minTurnaroundSeconds: row.minTurnaroundSeconds,
    validUntil: row.validUntil,
    epoch: row.epoch,
    salt: String(row.salt),
    filledItems: row.filledItems,
    itemsLeft,
    status: statusOf(row, { epoch, now, itemsLeft }),
    postedAt: row.postedAt,
  };
}

function statusOf(
  row: OfferRow,
  { epoch, now, itemsLeft }: { epoch: number; now: number; itemsLeft: number },
): IndexedOffer["status"] {
  if (row.isCancelled || row.epoch !== epoch) return "cancelled";
  if (itemsLeft === 0) return "used-up";
  return row.validUntil < now ? "expired" : "live";
}
