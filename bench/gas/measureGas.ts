import { hashText, type Lot, type ModelSpec, marketDomain } from "@millrace/protocol";
import { parseSignature } from "viem";
import {
  buyer,
  lotsIn,
  offerOf,
  offersOfAll,
  offersOfOne,
  PROVIDERS,
  provider,
  providers,
  type Scenario,
  someKey,
  startScenario,
} from "./scenario.ts";

/** Gas of a whole job, by step. */
export interface JobGas {
  openJob: number;
  /** Of all providers together. */
  submit: number;
  accept: number;
  total: number;
}

/** What transactions cost, to the gas: execution, calldata and the 21,000 of each. */
export interface GasReport {
  /** Jobs from opening to pay, on ledger accounts in use. Deposits and offers are not in it. */
  jobs: {
    oneLot: JobGas;
    elevenLotsOfOneOffer: JobGas;
    elevenLotsOfElevenOffersOfOneProvider: JobGas;
    elevenLotsOfElevenProviders: JobGas;
  };
  /** What each lot after the first adds. */
  furtherLot: {
    ofOneOffer: number;
    ofElevenOffersOfOneProvider: number;
    ofElevenProviders: number;
  };
  functions: Record<string, number>;
}

const modelSpec: ModelSpec = {
  name: "model",
  weightsHash: hashText("weights"),
  sizeBytes: 4_661_211_808n,
  quantization: "Q4_K_M",
  contextTokens: 8_192,
  chatTemplateHash: hashText("template"),
  licence: "Apache-2.0",
  classHash: hashText("class"),
};

/** Measures everything on a fresh chain with the production build. Exact: the same contracts give the same numbers. */
export async function measureGas(): Promise<GasReport> {
  await using scenario = await startScenario();
  const oneLot = await measureJob(scenario, offersOfOne.slice(0, 1));
  const sameOffer = Array.from({ length: PROVIDERS }, () => offerOf());
  const elevenLotsOfOneOffer = await measureJob(scenario, sameOffer);
  const elevenLotsOfElevenOffersOfOneProvider = await measureJob(scenario, offersOfOne);
  const elevenLotsOfElevenProviders = await measureJob(scenario, offersOfAll);
  const further = ({ total }: JobGas) => (total - oneLot.total) / (PROVIDERS - 1);
  return {
    jobs: {
      oneLot,
      elevenLotsOfOneOffer,
      elevenLotsOfElevenOffersOfOneProvider,
      elevenLotsOfElevenProviders,
    },
    furtherLot: {
      ofOneOffer: further(elevenLotsOfOneOffer),
      ofElevenOffersOfOneProvider: further(elevenLotsOfElevenOffersOfOneProvider),
      ofElevenProviders: further(elevenLotsOfElevenProviders),
    },
    functions: { ...(await measureLedger(scenario)), ...(await measureMarket(scenario)) },
  };
}

async function measureJob(scenario: Scenario, offers: typeof offersOfAll): Promise<JobGas> {
  const { lots, sent } = await scenario.open(offers);
  const submit = (await scenario.submit(lots)).reduce((sum, { gas }) => sum + gas, 0);
  const { gas: accept } = await scenario.accept(lots);
  return { openJob: sent.gas, submit, accept, total: sent.gas + submit + accept };
}

async function measureLedger({ chain }: Scenario): Promise<Record<string, number>> {
  const { market, asset } = chain.network;
  const { gas: deposit } = await chain.send(buyer, "market", "deposit", [buyer.address, 1_000n]);
  const deadline = 2_100_000_000n;
  const { v, r, s } = parseSignature(
    await buyer.signTypedData({
      domain: { ...marketDomain(chain.network), name: "Millrace Test USD", verifyingContract: asset },
      types: {
        Permit: [
          { name: "owner", type: "address" },
          { name: "spender", type: "address" },
          { name: "value", type: "uint256" },
          { name: "nonce", type: "uint256" },
          { name: "deadline", type: "uint256" },
        ],
      },
      primaryType: "Permit",
      message: { owner: buyer.address, spender: market, value: 1_000n, nonce: 0n, deadline },
    }),
  );
  const { gas: depositWithPermit } = await chain.send(buyer, "market", "depositWithPermit", [
    buyer.address,
    1_000n,
    deadline,
    Number(v),
    r,
    s,
  ]);
  const { gas: withdraw } = await chain.send(buyer, "market", "withdraw", [buyer.address, 1_000n]);
  return { deposit, depositWithPermit, withdraw };
}

async function measureMarket(scenario: Scenario): Promise<Record<string, number>> {
  const { chain } = scenario;
  const gas: Record<string, number> = {};
  const other = providers[1]!;

  gas.postOffer = (await chain.send(other, "market", "postOffer", [offerOf(other, 100)])).gas;
  const update = [offerOf(other, 100), offerOf(other, 101)] as const;
  gas.updateOffer = (await chain.send(other, "market", "updateOffer", update)).gas;
  gas.cancelOffer = (await chain.send(other, "market", "cancelOffer", [offerOf(other, 101)])).gas;

  const { job, sent } = await scenario.open([], 100);
  gas.openJobAsABid = sent.gas;
  gas.openJobWithOneFill = (await scenario.open(offersOfOne.slice(0, 1))).sent.gas;
  gas.openJobWithFiveFills = (await scenario.open(offersOfAll.slice(0, 5))).sent.gas;
  gas.openJobWithFiveFillsAndABid = (await scenario.open(offersOfAll.slice(0, 5), 50)).sent.gas;

  const claim = async (items: number): Promise<{ lot: Lot; gas: number }> => {
    const claimed = await chain.send(provider, "market", "claim", [job, items, someKey]);
    return { lot: lotsIn(claimed.logs)[0]!, gas: claimed.gas };
  };
  const first = await claim(10);
  gas.claim = first.gas;
  gas.release = (await chain.send(provider, "market", "release", [first.lot])).gas;
  const reclaimed = await chain.send(other, "market", "claimReopened", [job, first.lot, someKey]);
  gas.claimReopened = reclaimed.gas;
  chain.pass(1_000);
  gas.expire = (await chain.send(provider, "market", "expire", [lotsIn(reclaimed.logs)[0]!])).gas;
  gas.closeABidAndALot = (await chain.send(buyer, "market", "close", [job, lotsIn(reclaimed.logs)])).gas;

  const { lots } = await scenario.open(offersOfOne.slice(0, 1));
  gas.submit = (await scenario.submit(lots))[0]!.gas;
  chain.pass(100);
  gas.settle = (await chain.send(other, "market", "settle", [lots])).gas;

  const { lots: fifty } = await scenario.open(Array.from({ length: 50 }, () => offerOf()));
  gas.submitFiftyLots = (await scenario.submit(fifty))[0]!.gas;
  gas.acceptFiftyLots = (await scenario.accept(fifty)).gas;

  gas.cancelAllOffers = (await chain.send(other, "market", "cancelAllOffers", [])).gas;
  gas.publishModel = (await chain.send(other, "modelRegistry", "publish", [modelSpec])).gas;
  return gas;
}
