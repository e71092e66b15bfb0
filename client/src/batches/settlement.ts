import type { Address, Hex } from "viem";
import { withChainErrors } from "../core/chainErrors.ts";
import type { Core } from "../core/core.ts";
import type { MarketLog } from "../core/logs.ts";
import { reserveOf } from "../market/pricing.ts";

/** What one provider did and earned. */
export interface ProviderSettlement {
  address: Address;
  /** Items and lots settled. */
  items: number;
  lots: number;
  /** After the fee. */
  paid: bigint;
}

/**
 * Where a batch's money went, by the chain's events. Amounts are base units of the asset, gas is in units of gas.
 *
 * escrowed = paid + fee + refunded + charges + locked, to the base unit. Compensation comes from providers' collateral
 * and so stands beside that sum.
 */
export interface Settlement {
  /** Reserved when the jobs opened, and when they were topped up. */
  escrowed: bigint;
  /** To providers, after the fee. */
  paid: bigint;
  /** To the protocol. */
  fee: bigint;
  /** Back to the buyer. */
  refunded: bigint;
  /** The buyer's part of what releases cost. */
  charges: bigint;
  /** Still in escrow: lots under way, and submitted ones that were not accepted. */
  locked: bigint;
  /** To the buyer from providers' collateral: penalties, bounties for expiring and proving, forfeits for errors. */
  compensation: bigint;
  /** What the buyer staked and prepaid in the court's cases, and what of it came back. */
  bonds: { staked: bigint; returned: bigint };
  /** Counted tokens of settled lots. */
  tokens: { in: bigint; out: bigint };
  lots: { total: number; settled: number };
  /** By address. */
  providers: ProviderSettlement[];
  /** Of the transactions that moved this batch: the buyer's, and its providers'. */
  gas: { buyer: bigint; provider: bigint };
}

/** Adds up the events of a batch's jobs. */
export function settle(
  logs: readonly MarketLog[],
  { buyer, gasOf }: { buyer: Address; gasOf: (transactionHash: Hex) => { from: Address; gasUsed: bigint } },
): Settlement {
  const sum: Settlement = {
    escrowed: 0n,
    paid: 0n,
    fee: 0n,
    refunded: 0n,
    charges: 0n,
    locked: 0n,
    compensation: 0n,
    bonds: { staked: 0n, returned: 0n },
    tokens: { in: 0n, out: 0n },
    lots: { total: 0, settled: 0 },
    providers: [],
    gas: { buyer: 0n, provider: 0n },
  };
  /** Its event does not name who a slash rewards: the challenger of the case that ended with it, or who sent the proof. */
  const proverOf = ({ args, transactionHash }: MarketLog & { eventName: "LotSlashed" }): Address => {
    const challenger = convictions.has(transactionHash) ? challengers.get(args.lotId) : undefined;
    return challenger ?? gasOf(transactionHash).from;
  };
  const providers = new Map<Address, ProviderSettlement>();
  const itemCounts = new Map<Hex, number>();
  const tokens = new Map<Hex, { in: bigint; out: bigint }>();
  const challengers = new Map<Hex, Address>();
  const convictions = new Set(logs.flatMap((log) => (endsInCourt(log) ? [log.transactionHash] : [])));
  for (const log of logs) {
    switch (log.eventName) {
      case "JobOpened": {
        sum.escrowed += reserveOf(log.args.job.request);
        break;
      }
      case "JobToppedUp":
        sum.escrowed += log.args.amount;
        break;
      case "LotAssigned":
        sum.lots.total++;
        itemCounts.set(log.args.lotId, log.args.lot.itemCount);
        break;
      case "LotSubmitted": {
        const { promptTokens, outputTokens } = log.args.submission.totals;
        tokens.set(log.args.lotId, { in: promptTokens, out: outputTokens });
        break;
      }
      case "LotSettled": {
        const { lotId, provider, paid, fee, refund, forfeit } = log.args;
        sum.paid += paid;
        sum.fee += fee;
        sum.refunded += refund;
        sum.compensation += forfeit;
        sum.lots.settled++;
        sum.tokens.in += tokens.get(lotId)?.in ?? 0n;
        sum.tokens.out += tokens.get(lotId)?.out ?? 0n;
        const entry = providers.get(provider) ?? { address: provider, items: 0, lots: 0, paid: 0n };
        providers.set(provider, entry);
        entry.items += itemCounts.get(lotId) ?? 0;
        entry.lots++;
        entry.paid += paid;
        break;
      }
      case "LotReleased":
        sum.charges += log.args.buyerCharge;
        break;
      case "LotExpired":
        sum.compensation += log.args.compensation;
        if (isSame(log.args.caller, buyer)) sum.compensation += log.args.bounty;
        break;
      case "LotSlashed":
        sum.compensation += log.args.compensation;
        if (isSame(proverOf(log), buyer)) sum.compensation += log.args.bounty;
        break;
      case "CaseOpened":
        challengers.set(log.args.lotId, log.args.challenger);
        if (isSame(log.args.challenger, buyer)) sum.bonds.staked += log.args.bond;
        break;
      case "DeliveryDemanded":
        // The buyer's alone; its fee is prepaid, and earned by an answer.
        challengers.set(log.args.lotId, buyer);
        sum.bonds.staked += log.args.fee;
        break;
      case "DeliveryConcluded":
        sum.bonds.returned += log.args.fee;
        break;
      case "CaseAppealed":
        if (isSame(log.args.appellant, buyer)) sum.bonds.staked += log.args.bond;
        break;
      case "CaseConcluded": {
        const challenger = challengers.get(log.args.lotId);
        if (challenger && isSame(challenger, buyer)) sum.bonds.returned += log.args.toChallenger;
        break;
      }
      case "LotClosed":
      case "JobClosed":
        sum.refunded += log.args.refund;
        break;
      default:
        break;
    }
  }
  sum.locked = sum.escrowed - sum.paid - sum.fee - sum.refunded - sum.charges;
  sum.providers = [...providers.values()].sort((a, b) =>
    a.address.toLowerCase() < b.address.toLowerCase() ? -1 : 1,
  );
  for (const hash of new Set(logs.map(({ transactionHash }) => transactionHash))) {
    const { from, gasUsed } = gasOf(hash);
    if (isSame(from, buyer)) sum.gas.buyer += gasUsed;
    else sum.gas.provider += gasUsed;
  }
  return sum;
}

/** Reads what the transactions behind `logs` cost, and adds everything up. */
export async function settleFromChain(
  core: Core,
  { logs, buyer }: { logs: readonly MarketLog[]; buyer: Address },
): Promise<Settlement> {
  const hashes = [...new Set(logs.map(({ transactionHash }) => transactionHash))];
  const receipts = await withChainErrors(() =>
    Promise.all(hashes.map((hash) => core.publicClient.getTransactionReceipt({ hash }))),
  );
  const byHash = new Map(receipts.map((receipt) => [receipt.transactionHash, receipt]));
  return settle(logs, { buyer, gasOf: (hash) => byHash.get(hash)! });
}

const isSame = (a: Address, b: Address) => a.toLowerCase() === b.toLowerCase();

const endsInCourt = ({ eventName }: MarketLog) =>
  eventName === "CaseConcluded" || eventName === "DeliveryConcluded";
