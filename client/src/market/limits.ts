import { formatAmount, MillraceError } from "@millrace/protocol";
import type { LiveOffer } from "./liveOffer.ts";
import { type JobCaps, max, type Prices, valueUp } from "./pricing.ts";

/** An offer up to so many times as dear as the cheapest is worth its parallel work. */
const PARALLEL_PRICE_FACTOR = 2n;
/** Room above the dearest offer in use, so that others may claim what it fails to do. */
const LIMIT_PERCENT = 120n;

/** What a job demands of an offer, beside its price. */
export interface Demand extends JobCaps {
  turnaroundSeconds: number;
}

/**
 * Keeps the offers that take this job's caps and turnaround.
 *
 * @throws MillraceError `no-fitting-offer`, saying what the roomiest offers take
 */
export function fittingOffers(offers: readonly LiveOffer[], demand: Demand): LiveOffer[] {
  const fitting = offers.filter(
    ({ offer }) =>
      offer.maxPromptTokens >= demand.promptTokensCap &&
      offer.maxOutputTokens >= demand.outputTokensCap &&
      offer.minTurnaroundSeconds <= demand.turnaroundSeconds,
  );
  if (fitting.length > 0) return fitting;
  const most = (field: "maxPromptTokens" | "maxOutputTokens") =>
    Math.max(...offers.map(({ offer }) => offer[field]));
  const soonest = Math.min(...offers.map(({ offer }) => offer.minTurnaroundSeconds));
  throw new MillraceError("No offer takes requests like these.", {
    code: "no-fitting-offer",
    details:
      `The batch needs up to ${demand.promptTokensCap} prompt and ${demand.outputTokensCap} output tokens per ` +
      `request within ${demand.turnaroundSeconds} s; offers take up to ${most("maxPromptTokens")} and ` +
      `${most("maxOutputTokens")}, from ${soonest} s.`,
    hints: ["Lower max_tokens, split long requests off, or allow a longer turnaround."],
  });
}

/**
 * The limit prices where the user gave none: a fifth above the dearest offer that the batch needs. Needed are the
 * cheapest offers that together have room for it, and others up to twice as dear as the cheapest, for parallel work.
 *
 * @param ranked fitting offers, cheapest first; at least one
 */
export function defaultLimits(ranked: readonly LiveOffer[], caps: JobCaps, itemCount: number): Prices {
  const cost = ({ offer }: LiveOffer) => valueUp(1_000_000, caps, offer);
  const bound = cost(ranked[0]!) * PARALLEL_PRICE_FACTOR;
  let room = 0;
  const needed = ranked.filter((candidate) => {
    const isNeeded = room < itemCount || cost(candidate) <= bound;
    room += candidate.itemsLeft;
    return isNeeded;
  });
  const limit = (field: keyof Prices) => {
    const dearest = needed.reduce((most, { offer }) => max(most, offer[field]), 0n);
    return (dearest * LIMIT_PERCENT + 99n) / 100n;
  };
  return {
    promptPricePerMillion: limit("promptPricePerMillion"),
    outputPricePerMillion: limit("outputPricePerMillion"),
  };
}

/**
 * Keeps the offers within the limits.
 *
 * @param ranked cheapest first
 * @throws MillraceError `limit-too-low`, saying what the cheapest offer asks
 */
export function offersWithin(ranked: readonly LiveOffer[], limits: Prices): LiveOffer[] {
  const within = ranked.filter(
    ({ offer }) =>
      offer.promptPricePerMillion <= limits.promptPricePerMillion &&
      offer.outputPricePerMillion <= limits.outputPricePerMillion,
  );
  if (within.length > 0) return within;
  const cheapest = ranked[0]!.offer;
  const [prompt, output] = [
    formatAmount(cheapest.promptPricePerMillion),
    formatAmount(cheapest.outputPricePerMillion),
  ];
  throw new MillraceError("The limit is below every offer.", {
    code: "limit-too-low",
    details:
      `The limit is ${formatAmount(limits.promptPricePerMillion)} and ` +
      `${formatAmount(limits.outputPricePerMillion)} per million prompt and output tokens; ` +
      `the cheapest offer asks ${prompt} and ${output}.`,
    hints: [`Allow ${prompt} and ${output}, or leave the limits out.`],
  });
}
