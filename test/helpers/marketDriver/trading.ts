import {
  AUDIT_ATTEMPTS,
  encodeAccept,
  encodeSettle,
  encodeSubmit,
  type Fill,
  hashChain,
  hashText,
  type ItemInput,
  itemLeaf,
  type Job,
  type JobRequest,
  type Lot,
  type ModelSpec,
  marketAbi,
  marketDomain,
  modelIdOf,
  type Offer,
  type Outcome,
  offerTypes,
  PositionalTree,
  type ReceiptBook,
  type Submission,
  settlementOf,
  writeReceipts,
} from "@millrace/protocol";
import { bytesToHex, type Hex, hexToBytes, zeroAddress } from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import { eventOf, eventsOf, type MarketDriver } from "./marketDriver.ts";

const CAPS = { promptTokensCap: 40, outputTokensCap: 60 };
/** Base units per 10⁶ tokens: ten per token. */
const PRICE = 10_000_000;
const TURNAROUND_SECONDS = 600;

/** A model that nobody else uses. */
export async function publishModel(market: MarketDriver): Promise<{ spec: ModelSpec; modelId: Hex }> {
  const spec = {
    name: `model ${market.random.below(1_000)}`,
    weightsHash: market.word(),
    sizeBytes: BigInt(1 + market.random.below(10 ** 9)),
    quantization: "Q8_0",
    contextTokens: 512,
    chatTemplateHash: market.word(),
    licence: "Apache-2.0",
    classHash: market.word(),
  };
  await market.send(market.somebody().address, "modelRegistry", "publish", [spec]);
  return { spec, modelId: modelIdOf(spec) };
}

export async function offerOf(
  market: MarketDriver,
  provider: PrivateKeyAccount,
  { modelId, ...rest }: Partial<Offer> & Pick<Offer, "modelId">,
): Promise<Offer> {
  const { random } = market;
  return {
    provider: provider.address,
    modelId,
    encryptionKey: market.word(),
    promptPricePerMillion: BigInt(PRICE + random.below(PRICE)),
    outputPricePerMillion: BigInt(PRICE + random.below(2 * PRICE)),
    capacityItems: 50 + random.below(1_000),
    minLotItems: 1,
    maxLotItems: 50,
    minLotValue: 0n,
    maxPromptTokens: 1_000,
    maxOutputTokens: 1_000,
    minTurnaroundSeconds: 60,
    validUntil: (await market.now()) + 30 * 86_400,
    epoch: 0,
    salt: BigInt(random.below(2 ** 31)),
    ...rest,
  };
}

/** An offer that is on the chain. */
export async function postOffer(...args: Parameters<typeof offerOf>): Promise<Offer> {
  const [market, provider] = args;
  const offer = await offerOf(...args);
  await market.send(provider.address, "market", "postOffer", [offer]);
  return offer;
}

/** A fill of an offer that is not on the chain. */
export async function signedFill(
  market: MarketDriver,
  provider: PrivateKeyAccount,
  { offer, lotItems }: Omit<Fill, "signature">,
): Promise<Fill> {
  const signature = await provider.signTypedData({
    domain: marketDomain(market.network),
    types: offerTypes,
    primaryType: "Offer",
    message: offer,
  });
  return { offer, signature, lotItems };
}

/** A fill of an offer that is on the chain. */
export const fillOf = (offer: Offer, lotItems: readonly number[]): Fill => ({
  offer,
  signature: "0x",
  lotItems,
});

/** What a buyer knows of a job. */
export interface OpenedJob {
  buyer: PrivateKeyAccount;
  job: Job;
  jobId: Hex;
  spec: ModelSpec;
  items: readonly ItemInput[];
  inputTree: PositionalTree;
  /** Starts of the chains of audit secrets. */
  chains: readonly Uint8Array[];
  auditTree: PositionalTree;
  /** What was assigned at opening. */
  lots: readonly Lot[];
}

/** Opens a job of so many items; what `fills` do not take is a bid. */
export async function openJob(
  market: MarketDriver,
  {
    spec,
    buyer,
    itemCount,
    fills = [],
    auditor = zeroAddress,
    by = buyer,
    request: special = {},
  }: {
    spec: ModelSpec;
    buyer: PrivateKeyAccount;
    itemCount: number;
    fills?: readonly Fill[];
    auditor?: JobRequest["auditor"];
    /** Default: the buyer. */
    by?: PrivateKeyAccount;
    request?: Partial<JobRequest>;
  },
): Promise<OpenedJob> {
  const items = Array.from({ length: itemCount }, (_, index) => ({
    request: JSON.stringify({ prompt: index }),
    ...CAPS,
    samplerHash: hashText("sampler"),
    requesterSeed: market.word(),
    salt: market.word(),
  }));
  const inputTree = new PositionalTree(items.map((item, index) => itemLeaf(index, item)));
  const chains = items.map(() => hexToBytes(market.word()));
  const auditTree = new PositionalTree(chains.map((start) => bytesToHex(hashChain(start, AUDIT_ATTEMPTS))));
  const request: JobRequest = {
    nonce: market.nonce(),
    modelId: modelIdOf(spec),
    inputRoot: inputTree.root,
    auditRoot: auditTree.root,
    encryptionKey: market.word(),
    auditor,
    itemCount,
    ...CAPS,
    promptLimitPerMillion: BigInt(3 * PRICE),
    outputLimitPerMillion: BigInt(4 * PRICE),
    startBps: market.random.below(10_000),
    rampSeconds: 60 + market.random.below(600),
    turnaroundSeconds: TURNAROUND_SECONDS,
    minLotItems: 1,
    minLotValue: 0n,
    ...special,
  };
  const logs = await market.send(by.address, "market", "openJob", [buyer.address, request, fills]);
  const { job, jobId } = eventOf(logs, marketAbi, "JobOpened");
  const lots = eventsOf(logs, marketAbi, "LotAssigned").map(({ lot }) => lot);
  return { buyer, job, jobId, spec, items, inputTree, chains, auditTree, lots };
}

/** Takes items of a job's bid. */
export async function claim(
  market: MarketDriver,
  { job }: OpenedJob,
  { provider, items }: { provider: PrivateKeyAccount; items: number },
): Promise<Lot> {
  const args = [provider.address, job, items, market.word()] as const;
  return eventOf(await market.send(provider.address, "market", "claim", args), marketAbi, "LotAssigned").lot;
}

/** What a provider knows of a lot that it computed. */
export interface ComputedLot {
  opened: OpenedJob;
  lot: Lot;
  submission: Submission;
  book: ReceiptBook;
  outcomes: readonly Outcome[];
}

/** Makes up the results of a lot: some items fail. */
export function compute(market: MarketDriver, opened: OpenedJob, lot: Lot): ComputedLot {
  const { random } = market;
  const outcomes = Array.from({ length: lot.itemCount }, (): Outcome => {
    // The first one succeeds, so that there is something to lie about.
    const promptTokens = 1 + random.below(CAPS.promptTokensCap);
    const tokenIds = Array.from({ length: 1 + random.below(CAPS.outputTokensCap) }, () =>
      random.below(30_000),
    );
    return {
      stopReason: "stop",
      promptTokens,
      promptTokensHash: market.word(),
      tokenIds,
      fingerprint: "0x",
      salt: market.word(),
    };
  }).map((outcome, index): Outcome => {
    if (index === 0 || !random.happens(0.1)) return outcome;
    const stopReason = random.happens(0.5) ? "error" : "invalid-input";
    return { ...outcome, stopReason, promptTokens: 0, tokenIds: [] };
  });
  const inputLeaves = outcomes.map((_, i) => itemLeaf(lot.firstItem + i, opened.items[lot.firstItem + i]!));
  const { jobId, firstItem } = lot;
  const book = writeReceipts({ jobId, classHash: opened.spec.classHash, firstItem, inputLeaves, outcomes });
  const submission = {
    root: book.tree.root,
    resultsHash: market.word(),
    resultsKeyHash: market.word(),
    totals: book.totals,
  };
  return { opened, lot, submission, book, outcomes };
}

/** Commits to lots of one provider. */
export async function submit(market: MarketDriver, lots: readonly ComputedLot[], by?: PrivateKeyAccount) {
  await market.sendData(by?.address ?? lots[0]!.lot.provider, "market", encodeSubmit(lots), "submit");
}

/** Computes and commits to a lot. */
export async function deliver(market: MarketDriver, opened: OpenedJob, lot: Lot): Promise<ComputedLot> {
  const computed = compute(market, opened, lot);
  await submit(market, [computed]);
  return computed;
}

export async function accept(market: MarketDriver, lots: readonly ComputedLot[]): Promise<void> {
  const settlements = lots.map(({ lot, submission }) => settlementOf(lot, submission));
  await market.sendData(lots[0]!.lot.buyer, "market", encodeAccept(settlements), "accept");
}

export async function settle(market: MarketDriver, lots: readonly ComputedLot[]): Promise<void> {
  const settlements = lots.map(({ lot, submission }) => settlementOf(lot, submission));
  await market.sendData(market.somebody().address, "market", encodeSettle(settlements), "settle");
}
