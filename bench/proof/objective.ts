import {
  type ItemInput,
  itemLeaf,
  type Lot,
  type Outcome,
  ResultsCheck,
  type Submission,
} from "@millrace/protocol";
import { type Hex, numberToHex, zeroAddress, zeroHash } from "viem";

/** What checking a lot's receipts takes. */
export interface ObjectiveCost {
  items: number;
  cpuSeconds: number;
  /** How much more memory the process had in use than before, at most. */
  growthBytes: number;
}

const OUTPUT_TOKENS = 128;
/** How often memory is looked at. */
const LOOK_EVERY = 2_000;
const tokenIds = Array.from({ length: OUTPUT_TOKENS }, (_, i) => i * 13);
const fingerprint: Hex = `0x${"5a".repeat(192)}`;
const word = (value: number) => numberToHex(value, { size: 32 });

/** Checks all objective faults of a lot of so many items of 128 output tokens, which stream by. */
export function checkLot(items: number): ObjectiveCost {
  const inputs = Array.from(
    { length: items },
    (_, i): ItemInput => ({
      request: `{"messages":[{"role":"user","content":"Item ${i}"}]}`,
      promptTokensCap: 64,
      outputTokensCap: OUTPUT_TOKENS,
      samplerHash: word(1),
      requesterSeed: word(2),
      salt: word(3),
    }),
  );
  // The buyer has them since the job was opened.
  const leaves = inputs.map((input, i) => itemLeaf(i, input));
  const submission: Submission = {
    root: zeroHash,
    resultsHash: zeroHash,
    resultsKeyHash: zeroHash,
    totals: { promptTokens: 0n, outputTokens: 0n, errors: 0 },
  };
  const check = new ResultsCheck({
    lot: lotOf(items),
    submission,
    classHash: word(4),
    items: inputs,
    leaves,
  });
  globalThis.gc?.();
  const memoryBefore = process.memoryUsage.rss();
  const cpuBefore = process.cpuUsage();
  let growthBytes = 0;
  for (let i = 0; i < items; i++) {
    check.add(outcomeAt(i));
    if (i % LOOK_EVERY === 0) growthBytes = Math.max(growthBytes, process.memoryUsage.rss() - memoryBefore);
  }
  // It was committed to nothing that has these results: what counts is that all of them were hashed.
  if (check.finding() !== "other") throw new Error("A check that cannot have passed did.");
  const { user, system } = process.cpuUsage(cpuBefore);
  return { items, cpuSeconds: (user + system) / 1e6, growthBytes };
}

const outcomeAt = (index: number): Outcome => ({
  stopReason: "length",
  promptTokens: 20,
  promptTokensHash: word(5),
  tokenIds,
  fingerprint,
  salt: word(index),
});

const lotOf = (itemCount: number): Lot => ({
  jobId: word(6),
  buyer: zeroAddress,
  provider: zeroAddress,
  firstItem: 0,
  itemCount,
  attempt: 0,
  promptPricePerMillion: 1n,
  outputPricePerMillion: 1n,
  escrow: 1n,
  collateral: 1n,
  penalty: 1n,
  releaseCharge: 0n,
  graceEndsAt: 1,
  deadline: 2,
  windowSeconds: 3,
  feeBps: 0,
  bountyBps: 0,
});
