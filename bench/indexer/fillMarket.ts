import {
  encodeAccept,
  encodeSubmit,
  type JobRequest,
  type Lot,
  marketAbi,
  type Offer,
  settlementOf,
} from "@millrace/protocol";
import { encodeFunctionData, type Hex, zeroAddress } from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import { eventsOf, type MarketDriver } from "../../test/helpers/marketDriver/marketDriver.ts";
import { publishModel } from "../../test/helpers/marketDriver/trading.ts";

const PROVIDERS = 20;
const OFFERS_PER_CALL = 100;
const LOTS_PER_JOB = 50;
/** A job's opening, and the assignment, the submission and the pay of each lot. */
const EVENTS_PER_JOB = 1 + 3 * LOTS_PER_JOB;
const CAPS = { promptTokensCap: 40, outputTokensCap: 60 };
const PRICE = 1_000_000;
const TOTALS = { promptTokens: 30n, outputTokens: 50n, errors: 0 };
const BALANCE = 10n ** 15n;

/** Posts so many offers for one model, and lets jobs come and go until there are so many events. */
export async function fillMarket(
  market: MarketDriver,
  { offers, events }: { offers: number; events: number },
): Promise<{ modelId: Hex; events: number }> {
  const { modelId } = await publishModel(market);
  const providers: PrivateKeyAccount[] = [];
  for (let i = 0; i < PROVIDERS; i++) providers.push(await market.trader(BALANCE));
  const validUntil = (await market.now()) + 30 * 86_400;
  const offerOf = (number: number): Offer => ({
    provider: providers[number % PROVIDERS]!.address,
    modelId,
    encryptionKey: market.word(),
    promptPricePerMillion: BigInt(PRICE + market.random.below(PRICE)),
    outputPricePerMillion: BigInt(PRICE + market.random.below(PRICE)),
    capacityItems: 10 ** 6,
    minLotItems: 1,
    maxLotItems: 100,
    minLotValue: 0n,
    maxPromptTokens: 1_000,
    maxOutputTokens: 1_000,
    minTurnaroundSeconds: 60,
    validUntil,
    epoch: 0,
    salt: BigInt(number),
  });
  const posted = Array.from({ length: offers }, (_, number) => offerOf(number));
  for (const { address } of providers) {
    const own = posted.filter(({ provider }) => provider === address);
    for (let i = 0; i < own.length; i += OFFERS_PER_CALL) {
      const calls = own
        .slice(i, i + OFFERS_PER_CALL)
        .map((offer) => encodeFunctionData({ abi: marketAbi, functionName: "postOffer", args: [offer] }));
      await market.send(address, "market", "multicall", [calls]);
    }
  }

  const buyer = await market.trader(BALANCE);
  let written = offers;
  for (let number = 0; written < events; number++) {
    const offer = posted[number % offers]!;
    const fills = [{ offer, signature: "0x" as const, lotItems: Array<number>(LOTS_PER_JOB).fill(1) }];
    const request = requestOf(market, modelId);
    const logs = await market.send(buyer.address, "market", "openJob", [buyer.address, request, fills]);
    const lots = eventsOf(logs, marketAbi, "LotAssigned").map(({ lot }) => lot as Lot);
    const deliveries = lots.map((lot) => ({ lot, submission: submissionOf(market) }));
    await market.sendData(offer.provider, "market", encodeSubmit(deliveries));
    const settlements = deliveries.map(({ lot, submission }) => settlementOf(lot, submission));
    await market.sendData(buyer.address, "market", encodeAccept(settlements));
    written += EVENTS_PER_JOB;
  }
  return { modelId, events: written };
}

const requestOf = (market: MarketDriver, modelId: Hex): JobRequest => ({
  nonce: market.nonce(),
  modelId,
  inputRoot: market.word(),
  auditRoot: market.word(),
  encryptionKey: market.word(),
  auditor: zeroAddress,
  itemCount: LOTS_PER_JOB,
  ...CAPS,
  promptLimitPerMillion: BigInt(2 * PRICE),
  outputLimitPerMillion: BigInt(2 * PRICE),
  startBps: 5_000,
  rampSeconds: 600,
  turnaroundSeconds: 600,
  minLotItems: 1,
  minLotValue: 0n,
});

const submissionOf = (market: MarketDriver) => ({
  root: market.word(),
  resultsHash: market.word(),
  resultsKeyHash: market.word(),
  totals: TOTALS,
});
