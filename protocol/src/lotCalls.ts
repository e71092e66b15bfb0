import { encodeFunctionData, type Hex } from "viem";
import { marketAbi } from "./abis/marketAbi.ts";
import type { Delivery, Lot, LotRange, LotTerms, Settlement } from "./types.ts";

// The Market's batch calls name what lots have in common once. These group any lots by that, so that one transaction
// serves all of them.

/** Calldata that submits these lots: one `submit`, or a `multicall` of one for each different terms. */
export function encodeSubmit(deliveries: readonly Delivery[]): Hex {
  return encodeBatch(deliveries, (terms, group) => {
    const list = group.map(({ lot, submission }) => ({ range: rangeOf(lot), submission }));
    return encodeFunctionData({ abi: marketAbi, functionName: "submit", args: [terms, list] });
  });
}

/** Calldata by which their buyer pays these lots at once; several terms as in {@link encodeSubmit}. */
export function encodeAccept(settlements: readonly Settlement[]): Hex {
  return encodeSettlements("accept", settlements);
}

/** Calldata by which anyone pays those of these lots whose window is over; several terms as in {@link encodeSubmit}. */
export function encodeSettle(settlements: readonly Settlement[]): Hex {
  return encodeSettlements("settle", settlements);
}

function encodeSettlements(functionName: "accept" | "settle", settlements: readonly Settlement[]): Hex {
  return encodeBatch(settlements, (terms, group) => {
    const list = group.map(({ lot, ...rest }) => ({ range: rangeOf(lot), ...rest }));
    return encodeFunctionData({ abi: marketAbi, functionName, args: [terms, list] });
  });
}

function encodeBatch<T extends { lot: Lot }>(
  batch: readonly T[],
  encode: (terms: LotTerms, group: T[]) => Hex,
): Hex {
  const groups = new Map<string, T[]>();
  for (const one of batch) {
    const key = Object.values(termsOf(one.lot)).join();
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  const calls = [...groups.values()].map((group) => encode(termsOf(group[0]!.lot), group));
  if (calls.length === 1) return calls[0]!;
  return encodeFunctionData({ abi: marketAbi, functionName: "multicall", args: [calls] });
}

/** What a lot has in common with others of its fill or claim. */
export function termsOf(lot: Lot): LotTerms {
  return {
    jobId: lot.jobId,
    buyer: lot.buyer,
    provider: lot.provider,
    promptPricePerMillion: lot.promptPricePerMillion,
    outputPricePerMillion: lot.outputPricePerMillion,
    graceEndsAt: lot.graceEndsAt,
    deadline: lot.deadline,
    windowSeconds: lot.windowSeconds,
    feeBps: lot.feeBps,
    bountyBps: lot.bountyBps,
  };
}

/** What a lot has for itself. */
export function rangeOf(lot: Lot): LotRange {
  return {
    firstItem: lot.firstItem,
    itemCount: lot.itemCount,
    attempt: lot.attempt,
    escrow: lot.escrow,
    collateral: lot.collateral,
    penalty: lot.penalty,
    releaseCharge: lot.releaseCharge,
  };
}
