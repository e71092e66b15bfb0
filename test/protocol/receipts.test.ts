import {
  failedOutcome,
  hashReceipt,
  hashReceiptLeaf,
  isFailure,
  type Outcome,
  PositionalTree,
  RECEIPT_VERSION,
  stopReasons,
  verifyPath,
  writeReceipts,
} from "@millrace/protocol";
import fc from "fast-check";
import { type Hex, keccak256, numberToHex } from "viem";
import { describe, expect, test } from "vitest";

const hashAt = (value: number): Hex => numberToHex(value, { size: 32 });
const jobId = hashAt(1);
const classHash = hashAt(2);

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const outcomes = fc.array(
  fc.oneof(
    fc.record({
      stopReason: fc.constantFrom("stop", "length", "stop-string"),
      promptTokens: uint32,
      promptTokensHash: fc.constant(hashAt(3)),
      tokenIds: fc.array(uint32, { maxLength: 4 }),
      fingerprint: fc.constant(hashAt(4)),
      salt: fc.constant(hashAt(5)),
    }),
    fc.constantFrom(failedOutcome("error", hashAt(6)), failedOutcome("invalid-input", hashAt(7))),
  ),
  { minLength: 1, maxLength: 20 },
) satisfies fc.Arbitrary<Outcome[]>;

const bookOf = (list: readonly Outcome[], firstItem = 40) =>
  writeReceipts({
    jobId,
    classHash,
    firstItem,
    inputLeaves: list.map((_, i) => hashAt(100 + i)),
    outcomes: list,
  });

describe("writeReceipts", () => {
  test("refuses another number of input leaves", () => {
    const lot = {
      jobId,
      classHash,
      firstItem: 0,
      inputLeaves: [],
      outcomes: [failedOutcome("error", jobId)],
    };
    expect(() => writeReceipts(lot)).toThrow(RangeError);
  });

  test("adds up tokens and errors, but no invalid input", () => {
    fc.assert(
      fc.property(outcomes, (list) => {
        const { totals } = bookOf(list);
        expect(totals.promptTokens).toBe(list.reduce((sum, o) => sum + BigInt(o.promptTokens), 0n));
        expect(totals.outputTokens).toBe(list.reduce((sum, o) => sum + BigInt(o.tokenIds.length), 0n));
        expect(totals.errors).toBe(list.filter(({ stopReason }) => stopReason === "error").length);
      }),
    );
  });

  test("puts each receipt at its item's place, with the totals up to it", () => {
    fc.assert(
      fc.property(outcomes, (list) => {
        const { receipts, tree, totals } = bookOf(list);
        list.forEach((_, i) => {
          const upTo = bookOf(list.slice(0, i + 1)).totals;
          const leaf = hashReceiptLeaf(hashReceipt(receipts[i]!), upTo);
          expect(verifyPath(tree.root, list.length, leaf, i, tree.path(i))).toBe(true);
          expect(receipts[i]).toMatchObject({
            itemIndex: 40 + i,
            jobId,
            classHash,
            inputLeaf: hashAt(100 + i),
          });
        });
        expect(bookOf(list).totals).toEqual(totals);
      }),
    );
  });

  test("writes one receipt as it is specified", () => {
    const { receipts, tree } = bookOf([
      {
        stopReason: "stop-string",
        promptTokens: 7,
        promptTokensHash: hashAt(3),
        tokenIds: [1, 258],
        fingerprint: hashAt(4),
        salt: hashAt(5),
      },
    ]);
    expect(receipts).toEqual([
      {
        version: RECEIPT_VERSION,
        jobId,
        itemIndex: 40,
        classHash,
        inputLeaf: hashAt(100),
        promptTokensHash: hashAt(3),
        outputTokensHash: keccak256("0x0100000002010000"),
        promptTokens: 7,
        outputTokens: 2,
        stopReason: "stop-string",
        fingerprintHash: keccak256(hashAt(4)),
        salt: hashAt(5),
      },
    ]);
    const leaf = hashReceiptLeaf(hashReceipt(receipts[0]!), {
      promptTokens: 7n,
      outputTokens: 2n,
      errors: 0,
    });
    expect(tree.root).toBe(new PositionalTree([leaf]).root);
  });

  test("makes another root of any change", () => {
    fc.assert(
      fc.property(outcomes, fc.nat(), (list, pick) => {
        const at = pick % list.length;
        const { root } = bookOf(list).tree;
        const changes: Outcome[] = [
          { ...list[at]!, promptTokens: list[at]!.promptTokens + 1 },
          { ...list[at]!, tokenIds: [...list[at]!.tokenIds, 0] },
          { ...list[at]!, salt: hashAt(999) },
          { ...list[at]!, fingerprint: hashAt(999) },
          { ...list[at]!, stopReason: list[at]!.stopReason === "stop" ? "length" : "stop" },
        ];
        for (const change of changes) expect(bookOf(list.with(at, change)).tree.root).not.toBe(root);
        expect(bookOf(list, 41).tree.root).not.toBe(root);
      }),
    );
  });
});

describe("failures", () => {
  test("are errors and invalid inputs", () => {
    expect(stopReasons.filter(isFailure)).toEqual(["error", "invalid-input"]);
  });

  test("count no tokens", () => {
    expect(failedOutcome("error", jobId)).toMatchObject({ promptTokens: 0, tokenIds: [], salt: jobId });
  });
});
