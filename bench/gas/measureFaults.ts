import {
  encodeSubmit,
  hashReceipt,
  hashReceiptLeaf,
  hashText,
  type Receipt,
  SparseTree,
  type Totals,
  wireReceipt,
} from "@millrace/protocol";
import { keeper, offerOf, provider, type Scenario } from "./scenario.ts";

const ITEMS = 1_000_000;
/** Its leaf and the one before share no part of their paths: the dearest place for a proof that needs both. */
const INDEX = 2 ** 19;
const TOKENS = { prompt: 300, output: 100 };

/** Gas of the dearest objective fault, totals that do not add up, in a lot of a million items. */
export async function measureFaults({ chain, open }: Scenario) {
  const offer = offerOf(provider, ITEMS);
  await chain.send(provider, "market", "postOffer", [offer]);
  const { lots } = await open([{ offer, signature: "0x", lotItems: [ITEMS] }]);
  const lot = lots[0]!;

  const receipt: Receipt = {
    version: 1,
    jobId: lot.jobId,
    itemIndex: lot.firstItem + INDEX,
    classHash: hashText("class"),
    inputLeaf: hashText("input leaf"),
    promptTokensHash: hashText("prompt tokens"),
    outputTokensHash: hashText("output tokens"),
    promptTokens: TOKENS.prompt,
    outputTokens: TOKENS.output,
    stopReason: "length",
    fingerprintHash: hashText("fingerprint"),
    salt: hashText("salt"),
  };
  const previousHash = hashText("receipt before");
  const before = totalsUpTo(INDEX);
  const honest = totalsUpTo(INDEX + 1);
  const totals = { ...honest, outputTokens: honest.outputTokens + 1n };
  const tree = new SparseTree(
    ITEMS,
    hashText("other leaves"),
    new Map([
      [INDEX - 1, hashReceiptLeaf(previousHash, before)],
      [INDEX, hashReceiptLeaf(hashReceipt(receipt), totals)],
    ]),
  );
  const submission = {
    root: tree.root,
    resultsHash: hashText("results"),
    resultsKeyHash: hashText("results key"),
    totals: totalsUpTo(ITEMS),
  };
  await chain.sendData(provider, "market", encodeSubmit([{ lot, submission }]));
  const { gas } = await chain.send(keeper, "faults", "proveTotals", [
    lot,
    submission,
    BigInt(INDEX),
    { receiptHash: previousHash, totals: before, path: tree.path(INDEX - 1) },
    { receipt: wireReceipt(receipt), totals, path: tree.path(INDEX) },
  ]);
  return { proveTotalsOfAMillion: gas };
}

function totalsUpTo(items: number): Totals {
  return {
    promptTokens: BigInt(items * TOKENS.prompt),
    outputTokens: BigInt(items * TOKENS.output),
    errors: 0,
  };
}
