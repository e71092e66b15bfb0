import { marketAbi, type Offer, offerIdOf, randomSecret } from "@millrace/protocol";
import type { Logger } from "pino";
import { type Address, encodeFunctionData, type Hex, hexToBigInt, isAddressEqual, zeroAddress } from "viem";
import type { Chain } from "../chain/chain.ts";
import type { Transactions } from "../chain/transactions.ts";
import { revertOf } from "../errors.ts";
import { listOffers } from "./ownOffers.ts";

/** What the owner asks for and grants. Prices in base units per 10⁶ tokens. */
export interface OfferTerms {
  promptPricePerMillion: bigint;
  outputPricePerMillion: bigint;
  /** Items on offer when nothing is under way. Default: what the engine can do in half of the turnaround. */
  capacityItems?: number | undefined;
  /** Default: 1. */
  minLotItems?: number | undefined;
  /** Least value of a lot at its caps and these prices, in base units. Default: what a lot costs in gas. */
  minLotValue?: bigint | undefined;
  /** The shortest turnaround that is accepted. Default: 300 s. */
  minTurnaroundSeconds?: number | undefined;
  /** How long a posted offer stays valid; it is renewed in time. Default: one week. */
  validSeconds?: number | undefined;
}

/** Keeps one live offer on the Market. */
export interface OfferKeeper {
  /** The live offer, if there is one. */
  readonly current: Offer | undefined;
  /** Posts or renews the offer where that is needed. */
  refresh(): Promise<void>;
}

const DEFAULT_VALID_SECONDS = 7 * 24 * 3_600;
/** An offer is renewed when less than this share of its time or its capacity is left. */
const RENEW_SHARE = 0.25;

export function createOfferKeeper({
  chain,
  transactions,
  provider,
  account,
  modelId,
  encryptionKey,
  terms,
  contextTokens,
  gasCostPerLot,
  capacityNow,
  logger,
}: {
  chain: Chain;
  transactions: Transactions;
  /** Whose offer it is. */
  provider: Address;
  /** Who posts it: the provider, or an operator of theirs. */
  account: Address;
  modelId: Hex;
  encryptionKey: Hex;
  terms: OfferTerms;
  contextTokens: number;
  /** What a lot costs in gas, in base units of the asset. */
  gasCostPerLot: bigint;
  /** Items that could be taken on now. */
  capacityNow(): Promise<number>;
  logger: Logger;
}): OfferKeeper {
  const validSeconds = terms.validSeconds ?? DEFAULT_VALID_SECONDS;
  let current: Offer | undefined;
  let isKnown = false;
  /** The owner voided the offer while we run: that is a word to us. */
  let isWithdrawn = false;
  let refreshing: Promise<void> | undefined;

  async function refresh(): Promise<void> {
    if (!isKnown) {
      await adopt();
      isKnown = true;
    }
    if (isWithdrawn) return;
    const { offerEpoch } = await chain.account(provider);
    const capacity = await capacityNow();
    if (current && !(await needsRenewal(current, capacity, offerEpoch))) return;
    if (capacity < 1) return;
    const next = offerWith(capacity, offerEpoch);
    const previous = current;
    if (!(await post(next, previous))) return;
    current = next;
    logger.info(
      { capacity, offerId: offerIdOf(chain.ref, next) },
      previous ? "renewed the offer" : "posted an offer",
    );
  }

  /** Posts an offer in the place of another: never are both there, or none. False while the Market is paused. */
  async function post(next: Offer, previous: Offer | undefined): Promise<boolean> {
    const call = (functionName: "cancelOffer" | "postOffer", offer: Offer) =>
      encodeFunctionData({ abi: marketAbi, functionName, args: [offer] });
    const data = previous
      ? encodeFunctionData({
          abi: marketAbi,
          functionName: "multicall",
          args: [[call("cancelOffer", previous), call("postOffer", next)]],
        })
      : call("postOffer", next);
    try {
      await transactions.send(() => ({
        to: chain.ref.market,
        data,
        purpose: previous ? "renewal of the offer" : "offer",
      }));
      return true;
    } catch (error) {
      if (revertOf(error) !== "Market_Paused") throw error;
      logger.warn("the market takes no offers while it is paused; trying again later");
      return false;
    }
  }

  async function needsRenewal(offer: Offer, capacity: number, epoch: number): Promise<boolean> {
    const state = await chain.offerState(offerIdOf(chain.ref, offer));
    if (state.cancelled || offer.epoch !== epoch) {
      logger.warn("the offer was cancelled by its owner; none is posted until the next start");
      current = undefined;
      isWithdrawn = true;
      return false;
    }
    // A reorg took it back.
    if (state.postedBy === zeroAddress) {
      current = undefined;
      return true;
    }
    if (offer.validUntil - chain.now() < validSeconds * RENEW_SHARE) return true;
    const left = offer.capacityItems - state.filledItems;
    return left < capacity * RENEW_SHARE;
  }

  /** Looks for what a former run left: takes over an offer that is as we want it, and voids the others. */
  async function adopt(): Promise<void> {
    for (const { offer, postedBy } of await listOffers(chain, provider, modelId)) {
      // Those of other agents of the same provider are theirs to keep.
      if (!isAddressEqual(postedBy, account)) continue;
      if (!current && isEqual(offer)) current = offer;
      else await cancel(offer);
    }
  }

  function isEqual(offer: Offer): boolean {
    const { capacityItems: _, validUntil: __, salt: ___, ...wanted } = offerWith(1, offer.epoch);
    return Object.entries(wanted).every(([field, value]) => {
      const theirs = offer[field as keyof Offer];
      return typeof value === "string"
        ? value.toLowerCase() === String(theirs).toLowerCase()
        : value === theirs;
    });
  }

  function offerWith(capacityItems: number, epoch: number): Offer {
    return {
      provider,
      modelId,
      encryptionKey,
      promptPricePerMillion: terms.promptPricePerMillion,
      outputPricePerMillion: terms.outputPricePerMillion,
      capacityItems,
      minLotItems: terms.minLotItems ?? 1,
      maxLotItems: MAX_UINT32,
      minLotValue: terms.minLotValue ?? gasCostPerLot,
      maxPromptTokens: contextTokens,
      maxOutputTokens: contextTokens,
      minTurnaroundSeconds: terms.minTurnaroundSeconds ?? DEFAULT_MIN_TURNAROUND_SECONDS,
      validUntil: chain.now() + validSeconds,
      epoch,
      salt: hexToBigInt(randomSecret()) >> 192n,
    };
  }

  async function cancel(offer: Offer): Promise<void> {
    await transactions.send(() => ({
      to: chain.ref.market,
      data: encodeFunctionData({ abi: marketAbi, functionName: "cancelOffer", args: [offer] }),
      purpose: "cancellation of an offer",
    }));
  }

  return {
    get current() {
      return current;
    },
    refresh() {
      refreshing ??= refresh().finally(() => {
        refreshing = undefined;
      });
      return refreshing;
    },
  };
}

export const DEFAULT_MIN_TURNAROUND_SECONDS = 300;
const MAX_UINT32 = 0xffff_ffff;
