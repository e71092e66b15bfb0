import {
  encodeTokenIds,
  failedOutcome,
  hashItem,
  hashReceipt,
  hashReceiptLeaf,
  type Item,
  type Job,
  type KnownReceipt,
  knownReceipts,
  type Lot,
  type ModelSpec,
  modelIdOf,
  type Outcome,
  PositionalTree,
  type Submission,
  writeReceipts,
} from "@millrace/protocol";
import fc from "fast-check";
import { type Hex, keccak256, numberToHex, zeroAddress } from "viem";

export const hashAt = (value: number): Hex => numberToHex(value, { size: 32 });

export const spec: ModelSpec = {
  name: "tiny",
  weightsHash: hashAt(1),
  sizeBytes: 1_000n,
  quantization: "Q8_0",
  contextTokens: 2_048,
  chatTemplateHash: hashAt(2),
  licence: "Apache-2.0",
  classHash: hashAt(3),
};

/** A lot with its job and input, and what its provider knows. */
export interface ReceiptLot {
  lot: Lot;
  job: Job;
  items: Item[];
  inputTree: PositionalTree;
  receipts: KnownReceipt[];
}

/** How a lot may have come out: its first item, its items' token counts, and what follows it in the job. */
export interface Story {
  before: number;
  after: number;
  outcomes: readonly { reason: Outcome["stopReason"]; prompt: number; output: number; spare: number }[];
}

export const stories: fc.Arbitrary<Story> = fc.record({
  before: fc.nat({ max: 5 }),
  after: fc.nat({ max: 5 }),
  outcomes: fc.array(
    fc.record({
      reason: fc.constantFrom("stop", "length", "stop-string", "error", "invalid-input"),
      prompt: fc.nat({ max: 9 }),
      output: fc.nat({ max: 9 }),
      spare: fc.nat({ max: 2 }),
    }),
    { minLength: 1, maxLength: 20 },
  ),
});

/** An honest lot. @param chain the lot and job as a chain has them; default: made up */
export function tell({ before, after, outcomes }: Story, chain?: { lot: Lot; job: Job }): ReceiptLot {
  const itemCount = before + outcomes.length + after;
  const items = Array.from({ length: itemCount }, (_, index): Item => {
    const outcome = outcomes[index - before];
    return {
      index,
      requestHash: hashAt(1_000 + index),
      promptTokensCap: outcome ? outcome.prompt + outcome.spare : 1,
      outputTokensCap: outcome ? outcome.output + outcome.spare : 1,
      samplerHash: hashAt(4),
      requesterSeed: hashAt(5),
      salt: hashAt(2_000 + index),
    };
  });
  const inputTree = new PositionalTree(items.map(hashItem));
  const lot: Lot = chain?.lot ?? {
    jobId: hashAt(6),
    buyer: zeroAddress,
    provider: zeroAddress,
    firstItem: before,
    itemCount: outcomes.length,
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
    feeBps: 4,
    bountyBps: 5,
  };
  const job: Job = chain?.job ?? {
    buyer: zeroAddress,
    openedAt: 1,
    parametersVersion: 1,
    request: {
      nonce: 1n,
      modelId: modelIdOf(spec),
      inputRoot: inputTree.root,
      auditRoot: hashAt(7),
      encryptionKey: hashAt(8),
      auditor: zeroAddress,
      itemCount,
      promptTokensCap: 20,
      outputTokensCap: 20,
      promptLimitPerMillion: 1n,
      outputLimitPerMillion: 1n,
      startBps: 0,
      rampSeconds: 0,
      turnaroundSeconds: 1,
      minLotItems: 1,
      minLotValue: 0n,
    },
  };
  const { receipts } = writeReceipts({
    jobId: lot.jobId,
    classHash: spec.classHash,
    firstItem: before,
    inputLeaves: items.slice(before, before + outcomes.length).map(hashItem),
    outcomes: outcomes.map(({ reason, prompt, output }, index): Outcome => {
      if (reason === "error" || reason === "invalid-input") return failedOutcome(reason, hashAt(9));
      return {
        stopReason: reason,
        promptTokens: prompt,
        promptTokensHash: keccak256(encodeTokenIds(tokenIds(prompt))),
        tokenIds: tokenIds(output),
        fingerprint: hashAt(10),
        salt: hashAt(3_000 + index),
      };
    }),
  });
  return { lot, job, items, inputTree, receipts: knownReceipts(receipts) };
}

/** Some ids, as an item of so many tokens has them. */
export function tokenIds(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

export const leafOf = ({ receipt, totals }: KnownReceipt): Hex =>
  hashReceiptLeaf(hashReceipt(receipt), totals);

/** The tree over receipts, but for leaves that were put in their place. */
export function treeOf(receipts: readonly KnownReceipt[], replaced: ReadonlyMap<number, Hex> = new Map()) {
  return new PositionalTree(receipts.map((known, index) => replaced.get(index) ?? leafOf(known)));
}

/** What commits to a tree, with the totals of its last receipt. */
export function submissionOf(receipts: readonly KnownReceipt[], tree = treeOf(receipts)): Submission {
  return {
    root: tree.root,
    resultsHash: hashAt(11),
    resultsKeyHash: hashAt(12),
    totals: receipts.at(-1)!.totals,
  };
}
