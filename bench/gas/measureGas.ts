import { hashText, type Lot, type ModelSpec, marketDomain, offerTypes } from "@millrace/protocol";
import { parseSignature } from "viem";
import { measureBackers } from "./measureBackers.ts";
import { type CaseGas, type CaseName, measureCourt } from "./measureCourt.ts";
import { measureFaults } from "./measureFaults.ts";
import {
  buyer,
  fillsOf,
  keeper,
  lotsIn,
  lotsOfOneOffer,
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

/** The figures that have limits. */
export interface GasFigures {
  /** Receipt gas of a whole job of one lot: open with its fill, submit, accept. */
  oneLotJob: number;
  /** What a further lot of that job and provider adds to it. */
  nextLot: number;
  /** The dearer of accepting and settling 50 lots of one job and one provider in one transaction. */
  settle50: number;
  /** Opening a job that takes the offers of five providers. */
  open5Offers: number;
  /** Proving that the running totals do not add up in a lot of 1,000,000 items. */
  faultProof1M: number;
  /** A whole case before five jurors, from the challenge to the payouts, all transactions together. */
  courtCase5: number;
  /** Backing a provider, for the first time of all. */
  back: number;
  /** The dearer of asking to leave a pool and of taking out what one has left with. */
  leave: number;
}

export const gasLimits: Readonly<GasFigures> = {
  oneLotJob: 250_000,
  nextLot: 65_000,
  settle50: 600_000,
  open5Offers: 450_000,
  faultProof1M: 250_000,
  courtCase5: 1_200_000,
  back: 120_000,
  leave: 120_000,
};

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
  figures: GasFigures;
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
  /** Whole cases, without the seats' stakes. */
  cases: Record<CaseName, CaseGas>;
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
  const oneLot = await measureJob(scenario, lotsOfOneOffer(1));
  const elevenLotsOfOneOffer = await measureJob(scenario, lotsOfOneOffer(PROVIDERS));
  const elevenLotsOfElevenOffersOfOneProvider = await measureJob(scenario, fillsOf(offersOfOne));
  const elevenLotsOfElevenProviders = await measureJob(scenario, fillsOf(offersOfAll));
  const further = ({ total }: JobGas) => (total - oneLot.total) / (PROVIDERS - 1);
  const furtherLot = {
    ofOneOffer: further(elevenLotsOfOneOffer),
    ofElevenOffersOfOneProvider: further(elevenLotsOfElevenOffersOfOneProvider),
    ofElevenProviders: further(elevenLotsOfElevenProviders),
  };
  const ledger = await measureLedger(scenario);
  const market = await measureMarket(scenario);
  const backers = await measureBackers(scenario);
  const faults = await measureFaults(scenario);
  const court = await measureCourt(scenario);
  return {
    figures: {
      oneLotJob: oneLot.total,
      nextLot: furtherLot.ofOneOffer,
      settle50: Math.max(market.acceptFiftyLots, market.settleFiftyLots),
      open5Offers: market.openJobWithFiveFills,
      faultProof1M: faults.proveTotalsOfAMillion,
      courtCase5: Math.max(court.cases.fault.total, court.cases.rejected.total),
      back: backers.back,
      leave: Math.max(backers.requestExit, backers.withdrawExit),
    },
    jobs: {
      oneLot,
      elevenLotsOfOneOffer,
      elevenLotsOfElevenOffersOfOneProvider,
      elevenLotsOfElevenProviders,
    },
    furtherLot,
    cases: court.cases,
    functions: { ...ledger, ...market, ...backers, ...faults, ...court.functions },
  };
}

async function measureJob(scenario: Scenario, fills: Parameters<Scenario["open"]>[0]): Promise<JobGas> {
  const { lots, sent } = await scenario.open(fills);
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
  const allow = [keeper.address, 10n ** 9n] as const;
  const operator = await chain.send(provider, "market", "setProviderOperator", allow);
  const buying = await chain.send(buyer, "market", "setBuyerOperator", [...allow, 86_400]);
  return {
    deposit,
    depositWithPermit,
    withdraw,
    setProviderOperator: operator.gas,
    setBuyerOperator: buying.gas,
  };
}

async function measureMarket(scenario: Scenario) {
  const { chain } = scenario;
  const other = providers[1]!;
  const oneFill = fillsOf(offersOfOne.slice(0, 1));
  const fiveFills = fillsOf(offersOfAll.slice(0, 5));

  const posted = await chain.send(other, "market", "postOffer", [offerOf(other, 100)]);
  const cancelled = await chain.send(other, "market", "cancelOffer", [offerOf(other, 100)]);

  const { job, sent: opened } = await scenario.open([], 100);
  const withOneFill = await scenario.open(oneFill);
  const withFiveFills = await scenario.open(fiveFills);
  const withFiveFillsAndABid = await scenario.open(fiveFills, 50);
  const withASignedOffer = await scenario.open([await signedFill(scenario)]);

  const claim = async (items: number): Promise<{ lot: Lot; gas: number }> => {
    const sent = await chain.send(provider, "market", "claim", [provider.address, job, items, someKey]);
    return { lot: lotsIn(sent.logs)[0]!, gas: sent.gas };
  };
  const first = await claim(10);
  const released = await chain.send(provider, "market", "release", [first.lot]);
  const reclaim = [other.address, job, first.lot, someKey] as const;
  const reclaimed = await chain.send(other, "market", "claimReopened", reclaim);
  chain.pass(1_000);
  const expired = await chain.send(keeper, "market", "expire", lotsOf(reclaimed));
  const raised = { ...job, request: { ...job.request, outputLimitPerMillion: 1_300_000n } };
  const topUp = [job, 400_000n, 1_300_000n, lotsIn(reclaimed.logs)] as const;
  const toppedUp = await chain.send(buyer, "market", "topUp", topUp);
  const closed = await chain.send(buyer, "market", "close", [raised, lotsIn(reclaimed.logs)]);
  const { job: bid } = await scenario.open([], 100);
  const cancelledRemainder = await chain.send(buyer, "market", "cancelRemainder", [bid]);

  const { lots } = await scenario.open(oneFill);
  const submitted = await scenario.submit(lots);
  chain.pass(100);
  const settled = await scenario.settle(lots);

  const { lots: fifty, sent: openedFifty } = await scenario.open(lotsOfOneOffer(50));
  const submittedFifty = await scenario.submit(fifty);
  const acceptedFifty = await scenario.accept(fifty);
  const { lots: others } = await scenario.open(lotsOfOneOffer(50));
  await scenario.submit(others);
  chain.pass(100);
  const settledFifty = await scenario.settle(others);

  const cancelledAll = await chain.send(other, "market", "cancelAllOffers", [other.address]);
  const published = await chain.send(other, "modelRegistry", "publish", [modelSpec]);
  return {
    postOffer: posted.gas,
    cancelOffer: cancelled.gas,
    cancelAllOffers: cancelledAll.gas,
    openJobAsABid: opened.gas,
    openJobWithOneFill: withOneFill.sent.gas,
    openJobWithOneSignedFill: withASignedOffer.sent.gas,
    openJobWithFiveFills: withFiveFills.sent.gas,
    openJobWithFiveFillsAndABid: withFiveFillsAndABid.sent.gas,
    openJobWithFiftyLotsOfOneOffer: openedFifty.gas,
    topUpABidAndALot: toppedUp.gas,
    cancelRemainder: cancelledRemainder.gas,
    closeABidAndALot: closed.gas,
    claim: first.gas,
    claimReopened: reclaimed.gas,
    release: released.gas,
    expire: expired.gas,
    submit: submitted[0]!.gas,
    submitFiftyLots: submittedFifty[0]!.gas,
    acceptFiftyLots: acceptedFifty.gas,
    settle: settled.gas,
    settleFiftyLots: settledFifty.gas,
    publishModel: published.gas,
  };
}

const lotsOf = ({ logs }: { logs: Parameters<typeof lotsIn>[0] }) => [lotsIn(logs)[0]!] as const;

/** A lot of an offer that was never posted. */
async function signedFill({ chain }: Scenario) {
  const offer = offerOf(provider, 1_000);
  const domain = marketDomain(chain.network);
  const signature = await provider.signTypedData({
    domain,
    types: offerTypes,
    primaryType: "Offer",
    message: offer,
  });
  return { offer, signature, lotItems: [10] };
}
