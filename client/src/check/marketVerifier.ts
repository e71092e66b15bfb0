import {
  type ClaimedItem,
  decodeScore,
  FAULT_RATIO,
  type ItemScore,
  MillraceError,
  ratioOf,
  SCORE_FIELD,
} from "@millrace/protocol";
import type { Address } from "viem";
import { batchResults } from "../batches/results.ts";
import { runBatch } from "../batches/run.ts";
import type { Core } from "../core/core.ts";
import { listOffers } from "../market/listOffers.ts";
import type { Prices } from "../market/pricing.ts";
import { avoidedProviders } from "./providerRecord.ts";
import { Purse } from "./purse.ts";
import { mixTraps } from "./traps.ts";
import type { ScoredLot, Verifier } from "./verifier.ts";

export interface MarketVerifierOptions {
  /** The most to pay for all scores that this verifier orders, base units. Default: what their number and prices come to. */
  maxCost?: bigint;
  /** The most to pay for a token, in percent of what its buyer pays at most in the job that is checked. Default: 100. */
  pricePercent?: number;
}

/** Items of one lot are ordered together: they are asked for at once. */
const GATHER_MS = 50;
/** So many providers must say the same. */
const OPINIONS = 2;
/** So many are asked for it: those whose word is of no use are paid, too. */
const MOST_ASKED = 4;
const SAME_PRICE_PERCENT = 100;
/** What is scored is a part of a lot, and waited for while that lot's window runs. */
const TURNAROUND_SECONDS = 900;
const PATIENCE_SECONDS = 60;

/** Scores by the items' places; of those that were traps there is none. */
type Opinion = ReadonlyMap<number, ItemScore>;

/** What a verifier may spend. */
interface Means {
  purse: Purse;
  pricePercent: bigint;
}

interface Order {
  about: ScoredLot;
  items: {
    item: ClaimedItem;
    resolve: (score: ItemScore) => void;
    reject: (error: unknown) => void;
  }[];
}

/**
 * Lets other providers of a model score what one has computed, for those who lack it. Two of them are asked, each with
 * wrong copies mixed in, and of two opinions the milder one counts. That is no proof: who answers can lie, and only jurors
 * decide. Who is asked sees the requests and the answers.
 *
 * A score counts the item's prompt and answer as prompt, so that an opinion about items costs at most about what they may
 * cost themselves, and at most four are bought.
 *
 * @throws MillraceError `invalid-option`
 */
export function createMarketVerifier(
  core: Core,
  { maxCost, pricePercent = SAME_PRICE_PERCENT }: MarketVerifierOptions = {},
): Verifier {
  if (!Number.isInteger(pricePercent) || pricePercent < 1) {
    throw new MillraceError(`\`pricePercent\` must be a whole number, at least 1, not ${pricePercent}.`, {
      code: "invalid-option",
    });
  }
  const orders = new Map<string, Order>();
  const means: Means = { purse: new Purse(maxCost), pricePercent: BigInt(pricePercent) };
  return {
    trust: "checked by another provider",
    // Neither of the two may have had it as a trap, of which one is made of each tenth item.
    detection: 0.9 ** OPINIONS,
    // Who has which model the offers tell, when it comes to it.
    has: () => true,
    // Those who score have done so, or they would not serve the model.
    calibrate: async () => {},
    score: (item, about) =>
      new Promise((resolve, reject) => {
        const key = [about.modelId, about.provider, ...Object.values(about.limits)].join(" ");
        const order = orders.get(key) ?? { about, items: [] };
        order.items.push({ item, resolve, reject });
        if (orders.has(key)) return;
        orders.set(key, order);
        core.clock
          .sleep(GATHER_MS, about.signal)
          .then(async () => {
            orders.delete(key);
            const scores = await scoreByOthers(core, order, means);
            order.items.forEach((one, i) => {
              one.resolve(scores[i]!);
            });
          })
          .catch((error: unknown) => {
            for (const one of order.items) one.reject(error);
          });
      }),
  };
}

async function scoreByOthers(core: Core, { about, items }: Order, means: Means): Promise<ItemScore[]> {
  const claims = items.map(({ item }) => item);
  const opinions: Opinion[] = [];
  let last: unknown;
  for (const provider of await othersWith(core, about, means)) {
    try {
      const scores = await buyScores(core, { provider, claims, about, means });
      if (scores) opinions.push(scores);
    } catch (error) {
      about.signal.throwIfAborted();
      if (!(error instanceof MillraceError)) throw error;
      last = error;
    }
    const [first, second] = opinions;
    if (opinions.length === OPINIONS) {
      return claims.map((_, i) => milder([first!.get(i), second!.get(i)], about));
    }
  }
  throw new MillraceError("Too few other providers score what this one has computed.", {
    code: "too-few-verifiers",
    details:
      `${opinions.length} of ${OPINIONS} did.` +
      (last instanceof MillraceError
        ? ` ${[last.shortMessage, last.details].filter(Boolean).join(" ")}`
        : ""),
    cause: last,
  });
}

/** Other providers that offer the model at no more than that, in an order that nobody can foresee. */
async function othersWith(
  core: Core,
  { modelId, provider, limits }: ScoredLot,
  means: Means,
): Promise<Address[]> {
  const [offers, avoided] = await Promise.all([listOffers(core), avoidedProviders(core)]);
  const most = mostOf(limits, means);
  const others = new Set<Address>();
  for (const { offer } of offers) {
    const isOther = offer.provider.toLowerCase() !== provider.toLowerCase();
    const isFine = !avoided.has(offer.provider.toLowerCase());
    const isWithin =
      offer.promptPricePerMillion <= most.promptPricePerMillion &&
      offer.outputPricePerMillion <= most.outputPricePerMillion;
    if (offer.modelId === modelId && isOther && isFine && isWithin) others.add(offer.provider);
  }
  return [...others]
    .map((address) => ({ address, place: core.random() }))
    .sort((a, b) => (a.place < b.place ? -1 : 1))
    .slice(0, MOST_ASKED)
    .map(({ address }) => address);
}

/** The most that scores cost. */
const mostOf = (limits: Prices, { pricePercent }: Means): Prices => ({
  promptPricePerMillion: (limits.promptPricePerMillion * pricePercent) / 100n,
  outputPricePerMillion: (limits.outputPricePerMillion * pricePercent) / 100n,
});

/** What one provider says; undefined if it is not to be believed. */
async function buyScores(
  core: Core,
  {
    provider,
    claims,
    about,
    means,
  }: {
    provider: Address;
    claims: readonly ClaimedItem[];
    about: ScoredLot;
    means: Means;
  },
): Promise<Opinion | undefined> {
  const { modelId, limits, tolerance, signal } = about;
  const questions = mixTraps(claims, () => Number(BigInt(core.random()) >> 204n) / 2 ** 52);
  const lines = questions.map(({ claim }, number) =>
    JSON.stringify({
      // With the provider in it, so that the orders of two are two batches.
      custom_id: `${provider} ${number}`,
      method: "POST",
      url: "/v1/chat/completions",
      body: { model: modelId, messages: [{ role: "user", content: "score" }], [SCORE_FIELD]: claim },
    }),
  );
  const { promptPricePerMillion, outputPricePerMillion } = mostOf(limits, means);
  const { batchId, settlement } = await means.purse.pay((hooks) =>
    runBatch(core, {
      ...hooks,
      input: `${lines.join("\n")}\n`,
      purpose: "scores",
      promptLimitPerMillion: promptPricePerMillion,
      outputLimitPerMillion: outputPricePerMillion,
      providers: [provider],
      openingShare: 1,
      lotItems: lines.length,
      turnaroundSeconds: TURNAROUND_SECONDS,
      timeoutSeconds: PATIENCE_SECONDS,
      signal,
    }),
  );
  // What its offer did not take, anybody could: also the one that is checked.
  const isTheirs = settlement.providers.every(
    ({ address }) => address.toLowerCase() === provider.toLowerCase(),
  );
  const scores = new Map<number, ItemScore>();
  let isAwake = true;
  let number = 0;
  // In the order of the questions.
  for await (const line of batchResults(core, { batchId })) {
    const { response } = JSON.parse(line) as ScoreLine;
    const text = response?.body.choices?.[0]?.message.content;
    const { item } = questions[number++]!;
    if (text === undefined) return undefined;
    const score = decodeScore(text);
    if (item !== undefined) scores.set(item, score);
    else if (ratioOf([score], tolerance) < FAULT_RATIO) isAwake = false;
  }
  return isTheirs && isAwake ? scores : undefined;
}

interface ScoreLine {
  response: { body: { choices?: { message: { content: string } }[] } } | null;
}

const NO_OPINION: ItemScore = {
  countedTokens: 0,
  gapSum: 0,
  maxGap: 0,
  fingerprint: undefined,
  mismatch: undefined,
};

/** Of two opinions the one that is better for who is checked; a bad one alone says nothing. */
function milder(opinions: readonly (ItemScore | undefined)[], { tolerance }: ScoredLot): ItemScore {
  const there = opinions
    .flatMap((score) => (score ? [{ score, ratio: ratioOf([score], tolerance) }] : []))
    .sort((a, b) => a.ratio - b.ratio);
  const [best] = there;
  if (!best || (there.length < OPINIONS && best.ratio >= FAULT_RATIO)) return NO_OPINION;
  return best.score;
}
