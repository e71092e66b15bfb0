import {
  type ItemInput,
  type ItemResult,
  isFailure,
  itemLeaf,
  ResultsCheck,
  type ResultsFinding,
  type Submission,
  stopReasons,
  type Totals,
  writeReceipts,
} from "@millrace/protocol";
import fc from "fast-check";
import { keccak256, zeroHash } from "viem";
import { describe, expect, test } from "vitest";
import { hashAt, spec, tell } from "./receiptLots.ts";

const FIRST_ITEM = 3;
const CAP = 9;
const { classHash } = spec;

const results = fc.array(
  fc
    .record({ stop: fc.constantFrom(...stopReasons), prompt: fc.nat(CAP), output: fc.nat(CAP) })
    .map(
      ({ stop, prompt, output }): ItemResult =>
        isFailure(stop)
          ? { ...resultOf(stop, 0, 0), error: { code: "a", message: "b" } }
          : resultOf(stop, prompt, output),
    ),
  { minLength: 1, maxLength: 40 },
);

function resultOf(stopReason: ItemResult["stopReason"], prompt: number, output: number): ItemResult {
  return {
    stopReason,
    promptTokens: prompt,
    promptTokensHash: keccak256("0x05"),
    tokenIds: Array.from({ length: output }, (_, i) => i),
    fingerprint: "0x01",
    salt: zeroHash,
    text: "",
  };
}

const items = Array.from(
  { length: 60 },
  (_, i): ItemInput => ({
    request: `{"n":${i}}`,
    promptTokensCap: CAP,
    outputTokensCap: CAP,
    samplerHash: hashAt(1),
    requesterSeed: hashAt(2),
    salt: hashAt(i),
  }),
);
const leaves = items.map((item, i) => itemLeaf(i, item));

/** What checking `shown` comes to where `committed` was committed to, with its own totals or others. */
function check(
  committed: readonly ItemResult[],
  shown = committed,
  totals?: Partial<Totals>,
): ResultsFinding {
  const told = tell({ before: 0, after: 0, outcomes: [{ reason: "stop", prompt: 1, output: 1, spare: 0 }] });
  const lot = { ...told.lot, firstItem: FIRST_ITEM, itemCount: committed.length };
  const book = writeReceipts({
    jobId: lot.jobId,
    classHash,
    firstItem: FIRST_ITEM,
    inputLeaves: leaves.slice(FIRST_ITEM, FIRST_ITEM + committed.length),
    outcomes: committed,
  });
  const submission: Submission = {
    root: book.tree.root,
    resultsHash: hashAt(1),
    resultsKeyHash: hashAt(2),
    totals: { ...book.totals, ...totals },
  };
  const checking = new ResultsCheck({ lot, submission, classHash, items, leaves });
  for (const result of shown) checking.add(result);
  return checking.finding();
}

describe("results", () => {
  test("that were committed to, and count right, are clean", () => {
    fc.assert(
      fc.property(results, (list) => {
        expect(check(list)).toBe("clean");
      }),
    );
  });

  test("of which one is another, is missing or is too many are others", () => {
    fc.assert(
      fc.property(results, fc.nat(), (list, pick) => {
        const at = pick % list.length;
        const changes = [
          { salt: hashAt(99) },
          { promptTokens: 99 },
          { tokenIds: [99] },
          { fingerprint: "0x02" as const },
        ];
        for (const change of changes)
          expect(check(list, list.with(at, { ...list[at]!, ...change }))).toBe("other");
        expect(check(list, [...list, list[0]!])).toBe("other");
        if (list.length > 1) expect(check(list, list.slice(1))).toBe("other");
      }),
    );
  });

  test("above a cap, or failed and counted, are faulty", () => {
    fc.assert(
      fc.property(results, fc.nat(), (list, pick) => {
        const at = pick % list.length;
        const faults = [
          resultOf("stop", CAP + 1, 0),
          resultOf("length", 0, CAP + 1),
          resultOf("error", 1, 0),
          resultOf("invalid-input", 0, 1),
        ];
        for (const fault of faults) expect(check(list.with(at, fault))).toBe("faulty");
      }),
    );
  });

  test("whose totals are not the submission's are faulty", () => {
    fc.assert(
      fc.property(results, (list) => {
        expect(check(list, list, { promptTokens: 1_000n })).toBe("faulty");
        expect(check(list, list, { outputTokens: 1_000n })).toBe("faulty");
        expect(check(list, list, { errors: 1_000 })).toBe("faulty");
      }),
    );
  });
});
