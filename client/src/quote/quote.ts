import { costUp, type MarketParameters, MillraceError } from "@millrace/protocol";
import { type Address, isHash, zeroAddress } from "viem";
import { avoidedProviders } from "../check/providerRecord.ts";
import type { Core } from "../core/core.ts";
import type { TextSource } from "../input/lines.ts";
import { type BatchRequest, readRequests } from "../input/readRequests.ts";
import { defaultLimits, fittingOffers, offersWithin } from "../market/limits.ts";
import { listModels } from "../market/listModels.ts";
import { listOffers } from "../market/listOffers.ts";
import type { LiveOffer } from "../market/liveOffer.ts";
import { collateralOf, escrowOf, type JobCaps, type Prices } from "../market/pricing.ts";
import { readParameters } from "../market/readParameters.ts";
import { liveSignedOffers, type SignedOffer } from "../market/signedOffers.ts";
import { rankOffers, type Split, splitJob } from "../market/split.ts";
import { draftJobs, type JobDraft } from "./draftJobs.ts";

const DEFAULT_TURNAROUND_SECONDS = 3_600;

/** How a batch is to be bought. */
export interface BuyOptions {
  /** Name or id of a published model, for all requests. Default: the one that each names. */
  model?: string;
  /** The most to pay for prompt tokens, base units per 10⁶. Default: see `defaultLimits`. */
  promptLimitPerMillion?: bigint;
  /** The most to pay for output tokens, base units per 10⁶. Default: see `defaultLimits`. */
  outputLimitPerMillion?: bigint;
  /** How long a provider may take for a lot, after the grace. Default: one hour. */
  turnaroundSeconds?: number;
  /** How long the bid takes to rise from the cheapest offer to the limit. Default: a sixtieth of the turnaround. */
  rampSeconds?: number;
  /** Items in a lot. Default: about six lots for each provider, 8 to 4,096 items. */
  lotItems?: number;
  /** How much is given away at opening where several providers share the job, 0 to 1. Default: 0.5. */
  openingShare?: number;
  /** Who may challenge the computation beside the buyer. Default: nobody. */
  auditor?: Address;
  /** Takes offers of these providers alone. Default: of all. What no offer takes, anybody may claim. */
  providers?: readonly Address[];
  /** Offers that were only signed, to take beside those on-chain. Those that cannot be taken now are left out. */
  signedOffers?: readonly SignedOffer[];
}

/** One job of a quote. Amounts are base units of the asset. */
export interface JobQuote extends JobDraft {
  limits: Prices;
  /** Fitting offers within the limits, cheapest first. */
  offers: LiveOffer[];
  split: Split;
  turnaroundSeconds: number;
  rampSeconds: number;
  auditor: Address;
  /** What it probably costs: guessed tokens at the prices of the split. */
  expectedCost: bigint;
  /** What it costs at most: every answer as long as it may be, all at the limit. */
  worstCost: bigint;
  /** What is locked while it runs; what is not spent of it returns. */
  reserve: bigint;
}

/** What a batch would cost now. Offers are firm until they are taken or cancelled by others. */
export interface Quote {
  jobs: JobQuote[];
  itemCount: number;
  expectedCost: bigint;
  worstCost: bigint;
  reserve: bigint;
}

/**
 * Prices a batch file at the offers that can be taken now. Sends nothing and spends nothing.
 *
 * @throws BatchFileError, MillraceError `empty-file`, `invalid-option`, `unknown-model`, `ambiguous-model`, `no-offers`,
 * `no-fitting-offer`, `limit-too-low`, `chain-unreachable` (retryable)
 * @example
 * const { expectedCost, reserve } = await quote(core, { input: createReadStream("requests.jsonl") });
 */
export async function quote(
  core: Core,
  { input, ...options }: BuyOptions & { input: TextSource },
): Promise<Quote> {
  return quoteRequests(core, await readRequests(input), options);
}

/** {@link quote} for requests that have been read already. */
export async function quoteRequests(
  core: Core,
  requests: readonly BatchRequest[],
  options: BuyOptions,
): Promise<Quote> {
  checkOptions(options);
  const { model } = options;
  // Who leaves out the model that a name means has an impostor bought in its place; an id means but one.
  const isComplete = requests.some(({ body }) => !isHash(model ?? body.model));
  const [models, posted, signed, parameters, avoided] = await Promise.all([
    listModels(core, { isComplete }),
    listOffers(core),
    liveSignedOffers(core, options.signedOffers ?? []),
    readParameters(core),
    avoidedProviders(core),
  ]);
  const all = [...new Map([...signed, ...posted].map((live) => [live.offerId, live])).values()];
  const wanted = options.providers && new Set(options.providers.map((provider) => provider.toLowerCase()));
  const offers = all.filter(({ offer }) => {
    const provider = offer.provider.toLowerCase();
    return wanted ? wanted.has(provider) : !avoided.has(provider);
  });
  const drafts = draftJobs(requests, { model: options.model, models, offers });
  const jobs = drafts.map((draft) => quoteJob(draft, { ...options, offers, parameters }));
  const sum = (field: "expectedCost" | "worstCost" | "reserve") =>
    jobs.reduce((total, job) => total + job[field], 0n);
  return {
    jobs,
    itemCount: requests.length,
    expectedCost: sum("expectedCost"),
    worstCost: sum("worstCost"),
    reserve: sum("reserve"),
  };
}

function quoteJob(
  draft: JobDraft,
  options: BuyOptions & { offers: readonly LiveOffer[]; parameters: MarketParameters },
): JobQuote {
  const { caps, items } = draft;
  const itemCount = items.length;
  const turnaroundSeconds = options.turnaroundSeconds ?? DEFAULT_TURNAROUND_SECONDS;
  const rampSeconds = options.rampSeconds ?? Math.max(1, Math.round(turnaroundSeconds / 60));
  const forModel = options.offers.filter(({ offer }) => offer.modelId === draft.model.modelId);
  const fitting = fittingOffers(forModel, { ...caps, turnaroundSeconds });
  const ranked = fundedOffers(rankOffers(fitting, caps), { caps, parameters: options.parameters });
  const defaults = defaultLimits(ranked, caps, itemCount);
  const limits: Prices = {
    promptPricePerMillion: options.promptLimitPerMillion ?? defaults.promptPricePerMillion,
    outputPricePerMillion: options.outputLimitPerMillion ?? defaults.outputPricePerMillion,
  };
  const offers = offersWithin(ranked, limits);
  const { lotItems, openingShare, parameters } = options;
  const split = splitJob({
    itemCount,
    caps,
    limits,
    parameters,
    offers,
    ...(lotItems !== undefined && { lotItems }),
    ...(openingShare !== undefined && { openingShare }),
  });
  return {
    ...draft,
    limits,
    offers,
    split,
    turnaroundSeconds,
    rampSeconds,
    auditor: options.auditor ?? zeroAddress,
    expectedCost: expectedCost(draft, split, offers[0]!.offer),
    worstCost: costUp(draft.cappedTokens.prompt, draft.cappedTokens.output, limits),
    reserve: escrowOf(itemCount, caps, limits),
  };
}

/** Each item counts as the average one; the bid goes at the cheapest offer's price, where its ramp starts. */
function expectedCost(
  { items, expectedTokens }: JobDraft,
  { fills, bidItems }: Split,
  cheapest: Prices,
): bigint {
  const count = BigInt(items.length);
  const share = (itemCount: number, prices: Prices) =>
    costUp(
      (expectedTokens.prompt * BigInt(itemCount)) / count,
      (expectedTokens.output * BigInt(itemCount)) / count,
      prices,
    );
  return fills.reduce(
    (sum, { offer, lotItems }) => lotItems.reduce((total, items) => total + share(items, offer), sum),
    share(bidItems, cheapest),
  );
}

/** Leaves out offers whose provider could not lock the collateral of a single lot; all of them, if none could. */
function fundedOffers(
  ranked: LiveOffer[],
  { caps, parameters }: { caps: JobCaps; parameters: MarketParameters },
): LiveOffer[] {
  const funded = ranked.filter(({ offer, freeCollateral }) => {
    const terms = { prices: offer, limits: offer, parameters };
    return freeCollateral >= collateralOf(Math.max(1, offer.minLotItems), caps, terms);
  });
  return funded.length > 0 ? funded : ranked;
}

function checkOptions(options: BuyOptions): void {
  for (const name of ["promptLimitPerMillion", "outputLimitPerMillion"] as const) {
    const limit = options[name];
    // uint64 on-chain.
    if (limit === undefined || (limit >= 0n && limit >> 64n === 0n)) continue;
    throw new MillraceError(`\`${name}\` is out of range: ${limit}.`, { code: "invalid-option" });
  }
  const check = (name: keyof BuyOptions, isFine: (value: number) => boolean, rule: string) => {
    const value = options[name];
    if (typeof value !== "number" || isFine(value)) return;
    throw new MillraceError(`\`${name}\` must be ${rule}, not ${value}.`, { code: "invalid-option" });
  };
  const isSeconds = (value: number) => Number.isInteger(value) && value >= 1 && value <= 0xffff_ffff;
  check("turnaroundSeconds", isSeconds, "a whole number of seconds, at least 1");
  check("rampSeconds", isSeconds, "a whole number of seconds, at least 1");
  check("lotItems", (value) => Number.isInteger(value) && value >= 1, "a whole number, at least 1");
  check("openingShare", (value) => value >= 0 && value <= 1, "between 0 and 1");
}
