import { formatAmount, MillraceError } from "@millrace/protocol";
import { type Hex, isAddressEqual } from "viem";
import { withChainErrors } from "../core/chainErrors.ts";
import { chainTime } from "../core/chainTime.ts";
import { type Core, requireAccount, type SigningCore } from "../core/core.ts";
import { isCommitted, isHeld, type LotPhase, type LotView } from "./jobView.ts";
import { expireLot, MOST_PAID, type PaidLots, payLots } from "./lotActions.ts";
import { lotsOf, readJob } from "./readJob.ts";

/** Lots of one job. */
export interface LotsOptions {
  jobId: Hex;
  /** Of it. */
  lotIds: readonly Hex[];
}

/**
 * Pays submitted lots at once, whatever their results are: final. Only their buyer. Needs nothing but the chain.
 *
 * @param maxDue the most that all of them may be due by their commitments, fees included; base units. Pass what was agreed
 * to where somebody else than the chain told it. Default: no limit but their escrow.
 * @throws MillraceError `no-account`, `unknown-job`, `unknown-lot`, `other-account`, `wrong-lot-status`, `due-too-high`,
 * `contract-refused`, `chain-unreachable` (retryable)
 */
export async function acceptLots(
  core: Core,
  { jobId, lotIds, maxDue }: LotsOptions & { maxDue?: bigint },
): Promise<PaidLots> {
  const signing = requireAccount(core);
  const job = await readJob(signing, { jobId });
  const lots = lotsOf(job, lotIds);
  requireBuyer(signing, job.job.buyer);
  const wrong = lots.find(({ status }) => status !== "submitted");
  if (wrong) throw wrongStatus(wrong);
  const sum = lots.reduce((total, { due = 0n }) => total + due, 0n);
  if (maxDue !== undefined && sum > maxDue) {
    throw new MillraceError("More is due than was agreed to.", {
      code: "due-too-high",
      details: `${formatAmount(sum)} by the chain, at most ${formatAmount(maxDue)} by what was asked for.`,
    });
  }
  return payAll(signing, "accept", lots);
}

/**
 * Pays lots whose window, or whose hold, is over. Anyone may. Needs nothing but the chain.
 *
 * @throws MillraceError `no-account`, `unknown-job`, `unknown-lot`, `wrong-lot-status`, `too-early` (retryable),
 * `contract-refused`, `chain-unreachable` (retryable)
 */
export async function settleLots(core: Core, { jobId, lotIds }: LotsOptions): Promise<PaidLots> {
  const signing = requireAccount(core);
  const lots = lotsOf(await readJob(signing, { jobId }), lotIds);
  const early = await findEarly(signing, lots, isCommitted, ({ windowEnd = 0 }) => windowEnd);
  if (early) throw tooEarly(early.lot, isHeld(early.lot.status) ? "hold" : "window", early.until);
  return payAll(signing, "settle", lots);
}

/**
 * Takes lots that were not submitted in time from their providers: each one's penalty goes to its buyer, less a bounty for
 * whoever does this. Anyone may. Needs nothing but the chain.
 *
 * @returns those that were taken; of others somebody was quicker
 * @throws MillraceError `no-account`, `unknown-job`, `unknown-lot`, `wrong-lot-status`, `too-early` (retryable),
 * `contract-refused`, `chain-unreachable` (retryable)
 */
export async function expireLots(core: Core, { jobId, lotIds }: LotsOptions): Promise<Hex[]> {
  const signing = requireAccount(core);
  const lots = lotsOf(await readJob(signing, { jobId }), lotIds);
  const early = await findEarly(
    signing,
    lots,
    (status) => status === "assigned",
    ({ lot }) => lot.deadline,
  );
  if (early) throw tooEarly(early.lot, "time to submit", early.until);
  const expired: Hex[] = [];
  for (const { lotId, lot } of lots) {
    if (await expireLot(signing, lot)) expired.push(lotId);
  }
  return expired;
}

/** The first lot that something cannot be done to yet. */
async function findEarly(
  core: Core,
  lots: readonly LotView[],
  isRight: (status: LotPhase) => boolean,
  endOf: (lot: LotView) => number,
): Promise<{ lot: LotView; until: number } | undefined> {
  const wrong = lots.find(({ status }) => !isRight(status));
  if (wrong) throw wrongStatus(wrong);
  const now = await withChainErrors(() => chainTime(core));
  const lot = lots.find((one) => now <= endOf(one));
  return lot && { lot, until: endOf(lot) };
}

/** Paying passes over lots of another status, so that one that somebody else has paid does not fail the others. */
async function payAll(
  core: SigningCore,
  how: "accept" | "settle",
  lots: readonly LotView[],
): Promise<PaidLots> {
  const become: PaidLots = { paid: [], skipped: [] };
  for (let start = 0; start < lots.length; start += MOST_PAID) {
    const { paid, skipped } = await payLots(core, how, lots.slice(start, start + MOST_PAID));
    become.paid.push(...paid);
    become.skipped.push(...skipped);
  }
  return become;
}

/** @throws MillraceError `other-account` */
export function requireBuyer({ account }: SigningCore, buyer: Hex): void {
  if (isAddressEqual(buyer, account.address)) return;
  throw new MillraceError("The job belongs to another account.", {
    code: "other-account",
    details: `It was opened by ${buyer}.`,
  });
}

/** Why something cannot be done to a lot as it stands. */
export function wrongStatus({ lotId, status }: LotView): MillraceError {
  return new MillraceError(`Lot ${lotId} is ${status}.`, { code: "wrong-lot-status" });
}

function tooEarly({ lotId }: LotView, what: string, until: number): MillraceError {
  return new MillraceError(`The ${what} of lot ${lotId} is not over.`, {
    code: "too-early",
    retryable: true,
    details: `It lasts until ${new Date(until * 1000).toISOString()}.`,
  });
}
