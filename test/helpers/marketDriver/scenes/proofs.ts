import {
  EMPTY_LEAF,
  type Fault,
  findFault,
  hashReceipt,
  hashReceiptLeaf,
  itemOf,
  knownReceipts,
  PositionalTree,
  type Receipt,
  type Submission,
  wireReceipt,
} from "@millrace/protocol";
import type { MarketDriver } from "../marketDriver.ts";
import {
  type ComputedLot,
  compute,
  deliver,
  fillOf,
  openJob,
  postOffer,
  publishModel,
  settle,
  submit,
} from "../trading.ts";
import type { Scene } from "./scene.ts";

const ANSWER_SECONDS = 60;
const HOLD_SECONDS = 2 * ANSWER_SECONDS;
const ITEMS = 4;
/** The receipt that is tampered with; the first is never a failure. */
const INDEX = 0;

/** A lot that was computed and not committed to. */
export async function computedLot(market: MarketDriver, itemCount = ITEMS): Promise<ComputedLot> {
  const { spec, modelId } = await publishModel(market);
  const [buyer, provider] = [await market.trader(), await market.trader()];
  const fills = [fillOf(await postOffer(market, provider, { modelId }), [itemCount])];
  const opened = await openJob(market, { spec, buyer, itemCount, fills });
  return compute(market, opened, opened.lots[0]!);
}

/** A scene in which a commitment to other receipts than were computed is proven wrong. */
function provenFault(
  kind: Fault["kind"],
  tamper: (receipt: Receipt, market: MarketDriver) => void = () => {},
  misstate: (submission: Submission) => void = () => {},
): Scene {
  return async (market) => {
    const computed = await computedLot(market);
    const fault = await submitFaulty(market, computed, { tamper, misstate });
    if (fault?.kind !== kind) throw new Error(`A fault of ${kind} was found as ${fault?.kind}`);
    await prove(market, fault);
  };
}

/** Commits to receipts that were tampered with, and finds what of it can be proven. */
async function submitFaulty(
  market: MarketDriver,
  { opened, lot, submission, book, outcomes }: ComputedLot,
  {
    tamper,
    misstate,
  }: { tamper: (receipt: Receipt, market: MarketDriver) => void; misstate: (submission: Submission) => void },
): Promise<Fault | undefined> {
  const receipts = structuredClone(book.receipts);
  tamper(receipts[INDEX]!, market);
  const known = knownReceipts(receipts).map((receipt, index) => ({
    ...receipt,
    outputTokenIds: outcomes[index]!.tokenIds,
  }));
  const tree = new PositionalTree(
    known.map(({ receipt, totals }) => hashReceiptLeaf(hashReceipt(receipt), totals)),
  );
  const committed = { ...submission, root: tree.root, totals: { ...known.at(-1)!.totals } };
  misstate(committed);
  await submit(market, [{ opened, lot, submission: committed, book, outcomes }]);
  const { items, inputTree, job, spec } = opened;
  const input = {
    itemAt: (index: number) => itemOf(index, items[index]!),
    pathAt: (index: number) => inputTree.path(index),
  };
  return findFault({ lot, submission: committed, job, spec, input, receipts: known });
}

async function prove(market: MarketDriver, { call }: Fault): Promise<void> {
  if (call === undefined) throw new Error("A fault that cannot be proven");
  await market.send(market.somebody().address, "faults", call.functionName, call.args);
}

const wrongTotals: Scene = async (market) => {
  const computed = await computedLot(market);
  const { book, lot, submission } = computed;
  const known = knownReceipts(book.receipts);
  known[INDEX]!.totals.promptTokens += 1n;
  const leaves = known.map(({ receipt, totals }) => hashReceiptLeaf(hashReceipt(receipt), totals));
  const tree = new PositionalTree(leaves);
  const committed = { ...submission, root: tree.root };
  await submit(market, [{ ...computed, submission: committed }]);
  const fault = findFault({ lot, submission: committed, job: computed.opened.job, receipts: known });
  if (fault?.kind !== "totals") throw new Error(`Wrong totals were found as ${fault?.kind}`);
  await prove(market, fault);
};

const emptyLeaf: Scene = async (market) => {
  const computed = await computedLot(market);
  const known = knownReceipts(computed.book.receipts);
  const leaves = known.map(({ receipt, totals }) => hashReceiptLeaf(hashReceipt(receipt), totals));
  leaves[2] = EMPTY_LEAF;
  const tree = new PositionalTree(leaves);
  const submission = { ...computed.submission, root: tree.root };
  await submit(market, [{ ...computed, submission }]);
  const args = [computed.lot, submission, 2n, EMPTY_LEAF, tree.path(2)] as const;
  await market.send(market.somebody().address, "faults", "proveEmptyLeaf", args);
};

async function deliveredLot(market: MarketDriver): Promise<ComputedLot> {
  const { opened, lot } = await computedLot(market);
  return deliver(market, opened, lot);
}

async function demand(market: MarketDriver, { opened, lot }: ComputedLot, index: number): Promise<void> {
  await market.send(lot.buyer, "faults", "demandReceipt", [opened.job, lot, BigInt(index)]);
}

const answeredDemand: Scene = async (market) => {
  const computed = await deliveredLot(market);
  const { lot, submission, book } = computed;
  await demand(market, computed, 1);
  await demand(market, computed, 3);
  for (const index of [3, 1]) {
    const receipt = wireReceipt(book.receipts[index]!);
    const { totals } = knownReceipts(book.receipts)[index]!;
    const placed = { receipt, totals, path: book.tree.path(index) };
    const args = [lot, submission, BigInt(index), placed] as const;
    await market.send(lot.provider, "faults", "answerReceipt", args);
  }
  await market.lapse(700);
  await settle(market, [computed]);
};

const unansweredDemand: Scene = async (market) => {
  const computed = await deliveredLot(market);
  await demand(market, computed, 0);
  await demand(market, computed, 2);
  await market.lapse(ANSWER_SECONDS + 2);
  await market.send(computed.lot.buyer, "faults", "failDemand", [computed.lot, 0n]);
};

/** Nobody called the default: silence pays the provider, and the fee returns. */
const forgottenDemand: Scene = async (market) => {
  const computed = await deliveredLot(market);
  await demand(market, computed, 0);
  await market.lapse(HOLD_SECONDS + 2);
  await settle(market, [computed]);
  await market.send(market.somebody().address, "faults", "reclaim", [computed.lot]);
};

/** A scene's lot with something that hashes prove wrong, and the fault. */
export async function faultyLot(market: MarketDriver, computed: ComputedLot): Promise<Fault> {
  const fault = await submitFaulty(market, computed, {
    tamper: (receipt) => {
      receipt.version = 2;
    },
    misstate: () => {},
  });
  if (fault === undefined) throw new Error("No fault");
  return fault;
}

/** What hashes alone prove, and demands for receipts. */
export const proofs: Readonly<Record<string, Scene>> = {
  wrongTotals,
  emptyLeaf,
  wrongLotTotals: provenFault("lot-totals", undefined, (submission) => {
    submission.totals.outputTokens += 1n;
  }),
  wrongStatement: provenFault("statement", (receipt) => {
    receipt.version = 2;
  }),
  wrongInput: provenFault("input", (receipt, market) => {
    receipt.inputLeaf = market.word();
  }),
  aboveCaps: provenFault("cap", (receipt) => {
    receipt.promptTokens = 10_000;
  }),
  wrongClass: provenFault("class", (receipt, market) => {
    receipt.classHash = market.word();
  }),
  wrongCount: provenFault("count", (receipt) => {
    // Within the caps.
    receipt.outputTokens += receipt.outputTokens > 1 ? -1 : 1;
  }),
  answeredDemand,
  unansweredDemand,
  forgottenDemand,
};
