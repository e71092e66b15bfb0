import {
  developmentAccount,
  encodeAccept,
  encodeSettle,
  encodeSubmit,
  type Fill,
  hashText,
  type Job,
  type JobRequest,
  type Lot,
  marketAbi,
  type Offer,
  type Submission,
  settlementOf,
} from "@millrace/protocol";
import { type Log, maxUint256, parseEventLogs, zeroAddress } from "viem";
import { type GasChain, type Sent, startGasChain } from "./gasChain.ts";

const DEPOSIT = 1_000_000_000n;
export const ITEMS_PER_LOT = 10;
/** More than any other scenario takes. */
export const PROVIDERS = 11;

export const buyer = developmentAccount(0);
/** Also the first of {@link providers}. */
export const provider = developmentAccount(1);
export const providers = Array.from({ length: PROVIDERS }, (_, i) => developmentAccount(i + 1));

/** Neither buyer nor provider: who settles, proves, expires. */
export const keeper = developmentAccount(PROVIDERS + 1);

/** An offer of `by`; `salt` tells apart those of one provider. */
export function offerOf(by = provider, salt = 0): Offer {
  return {
    provider: by.address,
    modelId: hashText("model"),
    encryptionKey: hashText("provider key"),
    promptPricePerMillion: 300_000n,
    outputPricePerMillion: 900_000n,
    capacityItems: 1_000_000,
    minLotItems: 1,
    maxLotItems: 1_000_000,
    minLotValue: 0n,
    maxPromptTokens: 512,
    maxOutputTokens: 512,
    minTurnaroundSeconds: 60,
    validUntil: 2_100_000_000,
    epoch: 0,
    salt: BigInt(salt),
  };
}

/** One offer for each of the providers, so that every lot has another. */
export const offersOfAll = providers.map((by) => offerOf(by));
/** As many offers, all of one provider. */
export const offersOfOne = providers.map((_, salt) => offerOf(provider, salt));

/** A fill of one lot for each of `offers`. */
export const fillsOf = (offers: readonly Offer[]): Fill[] =>
  offers.map((offer) => ({ offer, signature: "0x", lotItems: [ITEMS_PER_LOT] }));

/** A fill of so many lots of one offer. */
export const lotsOfOneOffer = (lots: number): Fill[] => [
  { offer: offerOf(), signature: "0x", lotItems: Array.from({ length: lots }, () => ITEMS_PER_LOT) },
];

/** The steps of jobs, as buyer and providers take them, each with what it cost. */
export interface Scenario extends AsyncDisposable {
  chain: GasChain;
  /** A job with the lots of `fills`, and `restItems` more that rest as a bid. */
  open(
    fills: readonly Fill[],
    restItems?: number,
    changes?: Partial<JobRequest>,
  ): Promise<{ job: Job; lots: Lot[]; sent: Sent }>;
  /** All lots, in one transaction of each of their providers. */
  submit(lots: readonly Lot[]): Promise<Sent[]>;
  accept(lots: readonly Lot[]): Promise<Sent>;
  settle(lots: readonly Lot[]): Promise<Sent>;
}

/** Accounts with balances, posted offers and one job behind them: every ledger slot in use is warm. */
export async function startScenario(): Promise<Scenario> {
  const chain = await startGasChain();
  const { market } = chain.network;
  for (const account of [buyer, ...providers]) {
    await chain.send(account, "asset", "mint", [account.address, 10n * DEPOSIT]);
    await chain.send(account, "asset", "approve", [market, maxUint256]);
    await chain.send(account, "market", "deposit", [account.address, DEPOSIT]);
  }
  for (const offer of [...offersOfAll, ...offersOfOne.slice(1)]) {
    const by = providers.find(({ address }) => address === offer.provider)!;
    await chain.send(by, "market", "postOffer", [offer]);
  }

  let nonce = 0n;
  const scenario: Scenario = {
    chain,
    async open(fills, restItems = 0, changes = {}) {
      nonce += 1n;
      const request: JobRequest = {
        nonce: BigInt(hashText(`nonce ${nonce}`)),
        modelId: hashText("model"),
        inputRoot: hashText("input root"),
        auditRoot: hashText("audit root"),
        encryptionKey: hashText("buyer key"),
        auditor: zeroAddress,
        itemCount: itemsOf(fills) + restItems,
        promptTokensCap: 500,
        outputTokensCap: 128,
        promptLimitPerMillion: 400_000n,
        outputLimitPerMillion: 1_200_000n,
        startBps: 5_000,
        rampSeconds: 60,
        turnaroundSeconds: 600,
        minLotItems: 1,
        minLotValue: 0n,
        ...changes,
      };
      const sent = await chain.send(buyer, "market", "openJob", [buyer.address, request, fills]);
      const job = { buyer: buyer.address, openedAt: sent.timestamp, parametersVersion: 1, request };
      const lots = lotsIn(sent.logs);
      const wanted = fills.flatMap(({ lotItems }) => lotItems).length;
      if (lots.length !== wanted) throw new Error(`${lots.length} of ${wanted} lots were taken`);
      return { job, lots, sent };
    },
    async submit(lots) {
      const all: Sent[] = [];
      for (const by of providers) {
        const own = lots.filter((lot) => lot.provider === by.address);
        if (own.length === 0) continue;
        const deliveries = own.map((lot) => ({ lot, submission: submissionFor(lot) }));
        all.push(await chain.sendData(by, "market", encodeSubmit(deliveries)));
      }
      return all;
    },
    accept: (lots) => chain.sendData(buyer, "market", encodeAccept(lots.map(settlementFor))),
    settle: (lots) => chain.sendData(keeper, "market", encodeSettle(lots.map(settlementFor))),
    [Symbol.asyncDispose]: () => chain[Symbol.asyncDispose](),
  };

  // The vault's account too has a balance from here on.
  const { lots } = await scenario.open(lotsOfOneOffer(1));
  await scenario.submit(lots);
  await scenario.accept(lots);
  return scenario;
}

/** The lots that were assigned, as an agent reads them. */
export function lotsIn(logs: readonly Log[]): Lot[] {
  return parseEventLogs({ abi: marketAbi, logs: [...logs], eventName: "LotAssigned" }).map(
    ({ args }) => args.lot,
  );
}

const itemsOf = (fills: readonly Fill[]): number =>
  fills.flatMap(({ lotItems }) => lotItems).reduce((sum, items) => sum + items, 0);

const settlementFor = (lot: Lot) => settlementOf(lot, submissionFor(lot));

function submissionFor(lot: Lot): Submission {
  return {
    root: hashText(`receipts ${lot.firstItem}`),
    resultsHash: hashText(`results ${lot.firstItem}`),
    resultsKeyHash: hashText(`key ${lot.firstItem}`),
    totals: {
      promptTokens: BigInt(lot.itemCount * 300),
      outputTokens: BigInt(lot.itemCount * 100),
      errors: 0,
    },
  };
}

export const someKey = hashText("claim key");
