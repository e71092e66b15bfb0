import {
  EMPTY_LEAF,
  encodeSubmit,
  encodeTokenIds,
  type Fault,
  type FindFaultParameters,
  faultsAbi,
  findFault,
  hashItem,
  hashText,
  type KnownReceipt,
  lotIdOf,
  marketAbi,
  nextDemand,
  PositionalTree,
  type Submission,
  unpackLotState,
  type WireReceipt,
} from "@millrace/protocol";
import {
  createPublicClient,
  type EncodeFunctionDataParameters,
  encodeFunctionData,
  type Hex,
  http,
  keccak256,
  parseEventLogs,
} from "viem";
import { afterAll, describe, expect, test } from "vitest";
import { buyer, keeper, lotsIn, provider, providers, startScenario } from "../../bench/gas/scenario.ts";
import {
  leafOf,
  type ReceiptLot,
  type Story,
  spec,
  submissionOf,
  tell,
  tokenIds,
  treeOf,
} from "../protocol/receiptLots.ts";

// What findFault finds, the contract of a real chain takes as proven. That each says nothing where nothing is wrong, and
// everything about the contract itself, is tested apart.

const scenario = await startScenario();
const { chain } = scenario;
const client = createPublicClient({ transport: http(chain.network.rpcUrl) });
afterAll(() => scenario[Symbol.asyncDispose]());

const story: Story = {
  before: 3,
  after: 2,
  outcomes: [
    { reason: "stop", prompt: 5, output: 4, spare: 1 },
    { reason: "length", prompt: 2, output: 9, spare: 0 },
    { reason: "error", prompt: 3, output: 3, spare: 0 },
    { reason: "stop-string", prompt: 7, output: 1, spare: 2 },
    { reason: "invalid-input", prompt: 1, output: 1, spare: 0 },
  ],
};
const INDEX = 3;

let nonce = 0n;
/** Opens a job on the chain, of which the provider takes what the story is about. */
async function assign(): Promise<ReceiptLot> {
  const request = { ...tell(story).job.request, nonce: BigInt(hashText(`faults ${nonce++}`)) };
  const opened = await chain.send(buyer, "market", "openJob", [buyer.address, request, []]);
  const job = { buyer: buyer.address, openedAt: opened.timestamp, parametersVersion: 1, request };
  const other = providers[1]!;
  await chain.send(other, "market", "claim", [other.address, job, story.before, hashText("key")]);
  const claimed = await chain.send(provider, "market", "claim", [
    provider.address,
    job,
    story.outcomes.length,
    hashText("key"),
  ]);
  return tell(story, { lot: lotsIn(claimed.logs)[0]!, job });
}

async function commit({ lot }: ReceiptLot, submission: Submission): Promise<void> {
  await chain.sendData(provider, "market", encodeSubmit([{ lot, submission }]));
}

/** What a buyer who has everything knows. */
function evidenceOf(told: ReceiptLot, receipts: readonly KnownReceipt[], submission: Submission) {
  const { lot, job, items, inputTree } = told;
  return {
    lot,
    job,
    spec,
    submission,
    input: { itemAt: (index) => items[index]!, pathAt: (index) => inputTree.path(index) },
    receipts,
  } satisfies FindFaultParameters;
}

async function statusOf({ lot }: ReceiptLot) {
  const state = await client.readContract({
    address: chain.network.market,
    abi: marketAbi,
    functionName: "lotState",
    args: [lotIdOf(lot)],
  });
  return unpackLotState(state).status;
}

/** Anyone proves it; the lot is slashed. */
async function prove(told: ReceiptLot, fault: Fault | undefined): Promise<void> {
  const call = { abi: faultsAbi, ...fault!.call } as EncodeFunctionDataParameters;
  const { logs } = await chain.sendData(keeper, "faults", encodeFunctionData(call));
  const [proven] = parseEventLogs({ abi: faultsAbi, logs, eventName: "FaultProven" });
  expect(proven?.args).toMatchObject({ lotId: lotIdOf(told.lot), index: BigInt(fault!.index) });
  expect(await statusOf(told)).toBe("open");
}

/** One receipt changed, with the totals from there on by as many output tokens. */
function change(told: ReceiptLot, receipt: Partial<WireReceipt>, moreTokens = 0n): KnownReceipt[] {
  return told.receipts.map((known, index) => {
    const outputTokens = known.totals.outputTokens + (index < INDEX ? 0n : moreTokens);
    const totals = { ...known.totals, outputTokens };
    return index === INDEX
      ? { ...known, totals, receipt: { ...known.receipt, ...receipt } }
      : { ...known, totals };
  });
}

/** A receipt that hashes two tokens and counts one, of which the buyer has both. */
function miscount(told: ReceiptLot): KnownReceipt[] {
  const receipts = change(told, { outputTokensHash: keccak256(encodeTokenIds(tokenIds(2))) });
  return receipts.with(INDEX, { ...receipts[INDEX]!, outputTokenIds: tokenIds(2) });
}

describe("a fault that was found is proven", () => {
  test.each<[Fault["kind"], number, (told: ReceiptLot) => KnownReceipt[]]>([
    ["statement", INDEX, (told) => change(told, { stopReason: 7 })],
    ["totals", INDEX, (told) => change(told, {}, 1n)],
    ["input", INDEX, (told) => change(told, { inputLeaf: hashItem(told.items[0]!) })],
    ["cap", INDEX, (told) => change(told, { outputTokens: 4 }, 3n)],
    ["class", INDEX, (told) => change(told, { classHash: hashText("a cheaper class") })],
    ["count", INDEX, miscount],
  ])("%s", async (kind, index, spoil) => {
    const told = await assign();
    const receipts = spoil(told);
    const submission = submissionOf(receipts);
    await commit(told, submission);
    const fault = findFault(evidenceOf(told, receipts, submission));
    expect(fault).toMatchObject({ kind, index });
    await prove(told, fault);
  });

  test("lot-totals", async () => {
    const told = await assign();
    const honest = submissionOf(told.receipts);
    const submission = { ...honest, totals: { ...honest.totals, outputTokens: 1_000n } };
    await commit(told, submission);
    const fault = findFault(evidenceOf(told, told.receipts, submission));
    expect(fault).toMatchObject({ kind: "lot-totals", index: 4 });
    await prove(told, fault);
  });

  test("empty-leaf", async () => {
    const told = await assign();
    const tree = treeOf(
      told.receipts,
      new Map<number, Hex>([
        [INDEX, EMPTY_LEAF],
        [4, EMPTY_LEAF],
      ]),
    );
    const submission = submissionOf(told.receipts, tree);
    await commit(told, submission);
    const shown = { ...told.receipts[2]!, path: tree.path(2) };
    const fault = findFault(evidenceOf(told, [shown], submission));
    expect(fault).toMatchObject({ kind: "empty-leaf", index: INDEX });
    await prove(told, fault);
  });
});

test("an honest lot is proven nothing, on either side", async () => {
  const told = await assign();
  const submission = submissionOf(told.receipts);
  await commit(told, submission);
  expect(findFault(evidenceOf(told, told.receipts, submission))).toBeUndefined();
  expect(await statusOf(told)).toBe("submitted");
});

test("demands follow a tree to where it departs from what was delivered, and what they show proves the fault", async () => {
  const told = await assign();
  // What was delivered is in order; what was committed to claims another class for one receipt.
  const receipts = change(told, { classHash: hashText("a cheaper class") });
  const committed = treeOf(receipts);
  const submission = submissionOf(receipts, committed);
  await commit(told, submission);
  const delivered = new PositionalTree(told.receipts.map(leafOf));

  const shown: (KnownReceipt & { path: readonly Hex[] })[] = [];
  for (let index = nextDemand(delivered, shown); index !== undefined; index = nextDemand(delivered, shown)) {
    await chain.send(buyer, "faults", "demandReceipt", [told.job, told.lot, BigInt(index)]);
    expect(await statusOf(told)).toBe("demanded");
    const { receipt, totals } = receipts[index]!;
    const placed = { receipt, totals, path: committed.path(index) };
    const answer = [told.lot, submission, BigInt(index), placed] as const;
    const { logs } = await chain.send(provider, "faults", "answerReceipt", answer);
    const [answered] = parseEventLogs({ abi: faultsAbi, logs, eventName: "ReceiptAnswered" });
    shown.push({ index, ...answered!.args.placed });
  }
  expect(shown.length).toBeLessThanOrEqual(delivered.depth + 1);
  const fault = findFault(
    evidenceOf(
      told,
      shown.toSorted((a, b) => a.index - b.index),
      submission,
    ),
  );
  expect(fault).toMatchObject({ kind: "class", index: INDEX });
  await prove(told, fault);
});
