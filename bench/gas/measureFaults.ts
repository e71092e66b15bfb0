import {
  hashReceipt,
  hashReceiptLeaf,
  hashText,
  type Receipt,
  type Submission,
  stopReasons,
  type Totals,
} from "@millrace/protocol";
import { concatHex, type Hex, keccak256 } from "viem";
import { keeper, offerOf, provider, type Scenario } from "./scenario.ts";

const MILLION = 1_000_000;
export async function measureFaults(scenario: Scenario) {
  const { chain } = scenario;
  const { lots } = await scenario.open([
    { offer: offerOf(provider, 0), signature: "0x", lotItems: [MILLION - 100_000] },
  ]);
  const lot = lots[0]!;
  const index = 524_288;
  const node = hashText("millrace.tree.node.v1");
  const hn = (l: Hex, r: Hex) => keccak256(concatHex([node, l, r]));
  const receipt: Receipt = {
    version: 1,
    jobId: lot.jobId,
    itemIndex: index,
    classHash: hashText("class"),
    inputLeaf: hashText("in"),
    promptTokensHash: hashText("p"),
    outputTokensHash: hashText("o"),
    promptTokens: 300,
    outputTokens: 100,
    stopReason: "length",
    fingerprintHash: hashText("f"),
    salt: hashText("s"),
  };
  const before: Totals = { promptTokens: 300n * 524288n, outputTokens: 100n * 524288n, errors: 12 };
  const after: Totals = { promptTokens: 300n * 524289n, outputTokens: 100n * 524289n + 1n, errors: 12 };
  const sib = Array.from({ length: 19 }, (_, i) => hashText(`a${i}`));
  const sib2 = Array.from({ length: 19 }, (_, i) => hashText(`b${i}`));
  let l = hashReceiptLeaf(hashText("prev"), before);
  for (const s of sib) l = hn(s, l);
  let r = hashReceiptLeaf(hashReceipt(receipt), after);
  for (const s of sib2) r = hn(r, s);
  const submission: Submission = {
    root: hn(l, r),
    resultsHash: hashText("rh"),
    resultsKeyHash: hashText("rk"),
    totals: { promptTokens: 300n * 1000000n, outputTokens: 100n * 1000000n, errors: 12 },
  };
  await chain.send(provider, "market", "submit", [[{ lot, submission }]]);
  const proof = await chain.send(keeper, "faults", "proveTotals", [
    lot,
    submission,
    BigInt(index),
    { receiptHash: hashText("prev"), totals: before, path: [...sib, r] },
    {
      receipt: { ...receipt, stopReason: stopReasons.indexOf(receipt.stopReason) },
      totals: after,
      path: [...sib2, l],
    },
  ]);
  return { proveTotalsOfAMillion: proof.gas };
}
