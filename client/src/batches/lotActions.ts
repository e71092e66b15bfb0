import {
  encodeAccept,
  encodeSettle,
  type Fault,
  faultsAbi,
  type Job,
  type Lot,
  marketAbi,
  settlementOf,
} from "@millrace/protocol";
import { type EncodeFunctionDataParameters, encodeFunctionData, type Hex, parseEventLogs } from "viem";
import { ContractError } from "../core/chainErrors.ts";
import type { SigningCore } from "../core/core.ts";
import { readLotState } from "../core/lotState.ts";
import type { LotView } from "./jobView.ts";

/** Lots are paid so many at a time, within what any chain lets one transaction use. */
export const MOST_PAID = 64;

/** What became of lots that were to be paid. */
export interface PaidLots {
  /** Paid by this. Base units of the asset. */
  paid: PaidLot[];
  /** Left as they were: somebody was quicker, or they are held meanwhile. */
  skipped: Hex[];
}

/** How one lot was paid. */
export interface PaidLot extends NonNullable<LotView["settled"]> {
  lotId: Hex;
}

/** Pays these lots, as many as go into one transaction: `accept` at once, `settle` once their time is over. */
export async function payLots(
  { network, sender }: SigningCore,
  how: "accept" | "settle",
  lots: readonly LotView[],
): Promise<PaidLots> {
  const settlements = lots
    .slice(0, MOST_PAID)
    .flatMap(({ lot, submission }) => (submission ? [settlementOf(lot, submission)] : []));
  const encode = how === "accept" ? encodeAccept : encodeSettle;
  const { logs } = await sender.send({ to: network.market, data: encode(settlements) });
  const become: PaidLots = { paid: [], skipped: [] };
  for (const { eventName, args } of parseEventLogs({ abi: marketAbi, logs })) {
    if (eventName === "LotSkipped") become.skipped.push(args.lotId);
    if (eventName !== "LotSettled") continue;
    const { lotId, paid, fee, refund, forfeit } = args;
    become.paid.push({ lotId, paid, fee, refund, forfeit });
  }
  return become;
}

/** Those of reopened lots that nobody has taken for longer than that. */
export async function staleLots(
  core: SigningCore,
  open: readonly LotView[],
  { now, patienceSeconds }: { now: number; patienceSeconds: number },
): Promise<Lot[]> {
  const states = await Promise.all(open.map(({ lotId }) => readLotState(core, lotId)));
  return open.flatMap(({ lot }, i) => {
    const { status, timestamp } = states[i]!;
    return status === "open" && now > timestamp + patienceSeconds ? [lot] : [];
  });
}

/** Withdraws a job's bid, which is older than any reopened lot and so stale when one of them is, and those lots. */
export async function closeLots(
  { network, sender }: SigningCore,
  job: Job,
  lots: readonly Lot[],
): Promise<void> {
  const data = encodeFunctionData({ abi: marketAbi, functionName: "close", args: [job, lots] });
  await sender.send({ to: network.market, data });
}

/** Takes a late lot from its provider. Returns false if someone was quicker, or our clock is ahead of the chain's. */
export async function expireLot({ network, sender }: SigningCore, lot: Lot): Promise<boolean> {
  const data = encodeFunctionData({ abi: marketAbi, functionName: "expire", args: [lot] });
  try {
    await sender.send({ to: network.market, data });
    return true;
  } catch (error) {
    const refusals = ["Market_WrongStatus", "Market_NotExpired"];
    if (error instanceof ContractError && refusals.includes(error.errorName)) return false;
    throw error;
  }
}

/** Proves a fault. Returns false if it has no proof, someone was quicker, or the lot was settled meanwhile. */
export async function proveFault({ network, sender }: SigningCore, { call }: Fault): Promise<boolean> {
  if (!call) return false;
  // Each call was made with the arguments of its function.
  const data = encodeFunctionData({ abi: faultsAbi, ...call } as EncodeFunctionDataParameters);
  try {
    await sender.send({ to: network.faults, data });
    return true;
  } catch (error) {
    if (error instanceof ContractError) return false;
    throw error;
  }
}
