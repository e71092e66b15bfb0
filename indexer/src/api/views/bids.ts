import type { job, lot } from "ponder:schema";
import { type Bid, costUp } from "@millrace/protocol";
import { getAddress } from "viem";
import { priceOf } from "./prices.ts";

type JobRow = typeof job.$inferSelect;
type LotRow = typeof lot.$inferSelect;

interface Prices {
  promptPricePerMillion: bigint;
  outputPricePerMillion: bigint;
}

// As the Market computes them: contracts/Market.sol, `_bidPrice` and `_reopenedPrice`.

/** The bid of a job. */
export function bidView(row: JobRow, now: number): Bid {
  const limit = limitOf(row);
  const start = mapPrices(limit, (price) => (price * BigInt(row.startBps)) / 10_000n);
  return view(row, { items: row.bidItems, start, limit, openedAt: row.openedTime, now });
}

/** A lot of it that waits for another provider. */
export function reopenedView(row: JobRow, failed: LotRow, now: number): Bid {
  const limit = limitOf(row);
  const perItem = costUp(BigInt(row.promptTokensCap), BigInt(row.outputTokensCap), limit);
  const full = perItem * BigInt(failed.itemCount);
  const escrow = failed.openEscrow ?? full;
  // Never more than the escrow still affords.
  const affordable = escrow < full ? mapPrices(limit, (price) => (price * escrow) / full) : limit;
  const bid = view(row, {
    items: failed.itemCount,
    start: failed,
    limit,
    openedAt: failed.reopenedTime ?? failed.assignedTime,
    now,
  });
  const cap = (price: { promptPricePerMillion: string; outputPricePerMillion: string }) => ({
    promptPricePerMillion: String(min(BigInt(price.promptPricePerMillion), affordable.promptPricePerMillion)),
    outputPricePerMillion: String(min(BigInt(price.outputPricePerMillion), affordable.outputPricePerMillion)),
  });
  return { ...bid, start: cap(bid.start), limit: cap(bid.limit), now: cap(bid.now) };
}

function view(
  row: JobRow,
  {
    items,
    start,
    limit,
    openedAt,
    now,
  }: { items: number; start: Prices; limit: Prices; openedAt: number; now: number },
): Bid {
  const { rampSeconds } = row;
  const elapsed = BigInt(Math.max(0, now - openedAt));
  const ramp = (from: bigint, to: bigint) =>
    elapsed >= rampSeconds || from >= to ? to : from + ((to - from) * elapsed) / BigInt(rampSeconds);
  return {
    jobId: row.jobId,
    buyer: getAddress(row.buyer),
    items,
    start: priceOf(start),
    limit: priceOf(limit),
    now: priceOf({
      promptPricePerMillion: ramp(start.promptPricePerMillion, limit.promptPricePerMillion),
      outputPricePerMillion: ramp(start.outputPricePerMillion, limit.outputPricePerMillion),
    }),
    openedAt,
    rampSeconds,
    endsAt: row.bidEndsAt,
  };
}

const limitOf = (row: JobRow): Prices => ({
  promptPricePerMillion: row.promptLimitPerMillion,
  outputPricePerMillion: row.outputLimitPerMillion,
});

const mapPrices = (prices: Prices, map: (price: bigint) => bigint): Prices => ({
  promptPricePerMillion: map(prices.promptPricePerMillion),
  outputPricePerMillion: map(prices.outputPricePerMillion),
});

const min = (a: bigint, b: bigint) => (a < b ? a : b);
