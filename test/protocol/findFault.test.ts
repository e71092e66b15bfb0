import {
  EMPTY_LEAF,
  encodeTokenIds,
  type Fault,
  type FaultCall,
  type FindFaultParameters,
  faultsAbi,
  findFault,
  hashItem,
  hashReceipt,
  type KnownReceipt,
  PAD_LEAF,
  type WireReceipt,
} from "@millrace/protocol";
import fc from "fast-check";
import {
  bytesToHex,
  type EncodeFunctionDataParameters,
  encodeFunctionData,
  type Hex,
  keccak256,
  zeroHash,
} from "viem";
import { describe, expect, test } from "vitest";
import {
  hashAt,
  type ReceiptLot,
  type Story,
  spec,
  stories,
  submissionOf,
  tell,
  tokenIds,
  treeOf,
} from "./receiptLots.ts";

const usual: Story = {
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

/** All that there is to know. */
function evidenceOf(told: ReceiptLot, receipts: readonly KnownReceipt[]): FindFaultParameters {
  const { lot, job, items, inputTree } = told;
  return {
    lot,
    job,
    spec,
    submission: submissionOf(receipts),
    input: { itemAt: (index) => items[index]!, pathAt: (index) => inputTree.path(index) },
    receipts,
  };
}

/** What is left of evidence if only some answers are known. */
function answersOf(
  evidence: FindFaultParameters,
  indices: readonly number[],
  tree = treeOf(evidence.receipts),
) {
  const receipts = indices.map((index) => ({ ...evidence.receipts[index]!, path: tree.path(index) }));
  return { ...evidence, receipts };
}

/** The same receipts, one changed, and the totals behind it if they change with it. */
function changed(
  { receipts }: ReceiptLot,
  index: number,
  receipt: Partial<WireReceipt>,
  totals: Partial<KnownReceipt["totals"]> = {},
): KnownReceipt[] {
  const known = receipts[index]!;
  return receipts.with(index, {
    ...known,
    receipt: { ...known.receipt, ...receipt },
    totals: { ...known.totals, ...totals },
  });
}

type Arguments = { [Call in FaultCall as Call["functionName"]]: Call["args"] };

/** The arguments of a fault's call, which must be this one, and one that the contract's ABI can carry. */
function expectCall<Name extends FaultCall["functionName"]>(
  fault: Fault | undefined,
  functionName: Name,
): Arguments[Name] {
  const call = fault?.call;
  expect(call?.functionName).toBe(functionName);
  expect(encodeFunctionData({ abi: faultsAbi, ...call } as EncodeFunctionDataParameters)).toMatch(/^0x/);
  // Just seen to be so.
  return call!.args as Arguments[Name];
}

describe("findFault", () => {
  // ------------------------------------------------------------ nothing to say

  test("refuses receipts that were not committed to", () => {
    const told = tell(usual);
    const evidence = evidenceOf(told, told.receipts);
    const other = changed(told, 1, { salt: zeroHash });
    const code = expect.objectContaining({ code: "not-committed" });
    expect(() => findFault({ ...evidence, receipts: other })).toThrow(code);
    const answers = answersOf({ ...evidence, receipts: other }, [1], treeOf(told.receipts));
    expect(() => findFault(answers)).toThrow(code);
    expect(() => findFault({ ...evidence, receipts: told.receipts.slice(1) })).toThrow(code);
  });

  test("refuses the spec of another model", () => {
    const told = tell(usual);
    const evidence = { ...evidenceOf(told, told.receipts), spec: { ...spec, name: "other" } };
    expect(() => findFault(evidence)).toThrow(expect.objectContaining({ code: "not-committed" }));
  });

  test("finds nothing in an honest lot, known whole or in part", () => {
    fc.assert(
      fc.property(stories, fc.infiniteStream(fc.boolean()), (story, coins) => {
        const told = tell(story);
        const receipts = told.receipts.map((known, index) => ({
          ...known,
          promptTokenIds: tokenIds(story.outcomes[index]!.prompt),
          outputTokenIds: tokenIds(story.outcomes[index]!.output),
        }));
        const evidence = evidenceOf(told, receipts);
        expect(findFault(evidence)).toBeUndefined();
        const some = receipts.map((_, index) => index).filter(() => coins.next().value);
        expect(findFault(answersOf(evidence, some))).toBeUndefined();
      }),
    );
  });

  // ------------------------------------------------------------ what each receipt says

  const statements: [string, Partial<WireReceipt>][] = [
    ["another version", { version: 2 }],
    ["another job", { jobId: hashAt(99) }],
    ["another item", { itemIndex: 0 }],
    ["an unknown stop reason", { stopReason: 5 }],
  ];
  test.each(statements)("statement: %s", (_, change) => {
    const told = tell(usual);
    const receipts = changed(told, 1, change);
    const fault = findFault(evidenceOf(told, receipts));
    expect(fault).toMatchObject({ kind: "statement", index: 1 });
    const [lot, , index, placed] = expectCall(fault, "proveStatement");
    expect(lot).toEqual(told.lot);
    expect(index).toBe(1n);
    expect(placed).toEqual({ ...pick(receipts[1]!), path: treeOf(receipts).path(1) });
  });

  test.each([2, 4])("statement: the failed item at %d counts tokens", (index) => {
    const told = tell(usual);
    const fault = findFault(evidenceOf(told, changed(told, index, { outputTokens: 1 })));
    expect(fault).toMatchObject({ kind: "statement", index });
  });

  test("totals: of each neighbour, and of the first", () => {
    fc.assert(
      fc.property(
        stories,
        fc.nat(),
        fc.constantFrom("promptTokens", "outputTokens", "errors"),
        (story, pickAt, name) => {
          const told = tell(story);
          const index = pickAt % told.receipts.length;
          const known = told.receipts[index]!;
          const more = {
            ...known.totals,
            [name]: name === "errors" ? known.totals.errors + 1 : known.totals[name] + 1n,
          };
          const receipts = told.receipts.with(index, { ...known, totals: more });
          const evidence = evidenceOf(told, receipts);
          const fault = findFault(evidence);
          expect(fault).toMatchObject({ kind: "totals", index });
          const [, , , previous, placed] = expectCall(fault, "proveTotals");
          expect(placed.totals).toEqual(more);
          if (index === 0) expect(previous.path).toEqual([]);
          else {
            expect(previous).toEqual({
              receiptHash: hashReceipt(receipts[index - 1]!.receipt),
              totals: receipts[index - 1]!.totals,
              path: treeOf(receipts).path(index - 1),
            });
          }
          const neighbours = index === 0 ? [0] : [index - 1, index];
          expect(findFault(answersOf(evidence, neighbours))).toEqual(fault);
          // Alone it tells nothing, but for the first.
          const alone = findFault(answersOf(evidence, [index]));
          if (index > 0 && receipts.length > 1) expect(alone).toBeUndefined();
        },
      ),
    );
  });

  test("lot-totals: the submission's are not the last leaf's", () => {
    const told = tell(usual);
    const evidence = evidenceOf(told, told.receipts);
    const totals = { ...evidence.submission.totals, outputTokens: 1_000n };
    const fault = findFault({ ...evidence, submission: { ...evidence.submission, totals } });
    expect(fault).toMatchObject({ kind: "lot-totals", index: 4 });
    const [, submission, last] = expectCall(fault, "proveLotTotals");
    expect(submission.totals).toEqual(totals);
    expect(last.path).toEqual(treeOf(told.receipts).path(4));
  });

  // ------------------------------------------------------------ what is known beside them

  test("input: another leaf than the job's", () => {
    const told = tell(usual);
    const evidence = evidenceOf(told, changed(told, 1, { inputLeaf: hashItem(told.items[0]!) }));
    const fault = findFault(evidence);
    expect(fault).toMatchObject({ kind: "input", index: 1 });
    const [job, , , , , leaf, path] = expectCall(fault, "proveInput");
    expect(job).toEqual(told.job);
    expect(leaf).toBe(hashItem(told.items[4]!));
    expect(path).toEqual(told.inputTree.path(4));
    // A provider knows the range's proof, not the path: it sees the fault and has no call.
    const { itemAt } = evidence.input!;
    expect(findFault({ ...evidence, input: { itemAt } })).toEqual({
      kind: "input",
      index: 1,
      call: undefined,
    });
    expect(findFault({ ...evidence, input: undefined! })).toBeUndefined();
  });

  test.each(["promptTokens", "outputTokens"] as const)("cap: one of %s too many", (name) => {
    const told = tell(usual);
    const item = told.items[6]!;
    const cap = { promptTokens: item.promptTokensCap, outputTokens: item.outputTokensCap }[name];
    const known = told.receipts[3]!;
    const more = BigInt(cap + 1 - known.receipt[name]);
    const receipts = changed(told, 3, { [name]: cap + 1 }).map((each, index) =>
      index < 3 ? each : { ...each, totals: { ...each.totals, [name]: each.totals[name] + more } },
    );
    const fault = findFault(evidenceOf(told, receipts));
    expect(fault).toMatchObject({ kind: "cap", index: 3 });
    expect(expectCall(fault, "proveCap")[4]).toEqual(item);
  });

  test("class: another than the model's", () => {
    const told = tell(usual);
    const evidence = evidenceOf(told, changed(told, 2, { classHash: zeroHash }));
    const fault = findFault(evidence);
    expect(fault).toMatchObject({ kind: "class", index: 2 });
    expect(expectCall(fault, "proveClass")[5]).toEqual(spec);
    expect(findFault({ ...evidence, spec: undefined! })).toBeUndefined();
  });

  test.each(["prompt", "output"] as const)("count: of %s tokens", (which) => {
    const told = tell(usual);
    const hash = keccak256(encodeTokenIds(tokenIds(3)));
    const receipts = changed(told, 0, { [`${which}TokensHash`]: hash });
    receipts[0] = { ...receipts[0]!, [`${which}TokenIds`]: tokenIds(3) };
    const fault = findFault(evidenceOf(told, receipts));
    expect(fault).toMatchObject({ kind: "count", index: 0 });
    expect(expectCall(fault, "proveCount")[4]).toBe(bytesToHex(encodeTokenIds(tokenIds(3))));
    // Tokens that the receipt does not bind prove nothing.
    receipts[0] = { ...receipts[0]!, [`${which}TokenIds`]: tokenIds(2) };
    expect(findFault(evidenceOf(told, receipts))).toBeUndefined();
  });

  // ------------------------------------------------------------ what is missing

  test.each([EMPTY_LEAF, PAD_LEAF])("empty-leaf: %s beside any known receipt", (leaf) => {
    fc.assert(
      fc.property(stories, fc.nat(), fc.nat(), (story, pickAt, pickLength) => {
        const told = tell(story);
        const count = told.receipts.length;
        // From some index on the provider did nothing.
        const done = pickAt % count;
        const replaced = new Map<number, Hex>();
        for (let index = done; index < count; index++) replaced.set(index, leaf);
        const tree = treeOf(told.receipts, replaced);
        const evidence = evidenceOf(told, told.receipts);
        const submission = submissionOf(told.receipts, tree);
        const known = done === 0 ? [] : [pickLength % done];
        const fault = findFault(answersOf({ ...evidence, submission }, known, tree));
        if (!fault) {
          // The subtree beside it holds receipts too: another answer is needed.
          expect(done).toBeGreaterThan(0);
          expect(findFault(answersOf({ ...evidence, submission }, [done - 1], tree))).toMatchObject({
            kind: "empty-leaf",
          });
          return;
        }
        expect(fault.kind).toBe("empty-leaf");
        const [, , index, empty, path] = expectCall(fault, "proveEmptyLeaf");
        expect(empty).toBe(leaf);
        expect(Number(index)).toBeGreaterThanOrEqual(done);
        expect(path).toEqual(tree.path(Number(index)));
      }),
    );
  });

  // ------------------------------------------------------------ order

  test("says the first of several", () => {
    const told = tell(usual);
    const receipts = told.receipts.map((known) => ({
      ...known,
      receipt: { ...known.receipt, classHash: zeroHash },
    }));
    expect(findFault(evidenceOf(told, receipts))).toMatchObject({ index: 0 });
  });
});

const pick = ({ receipt, totals }: KnownReceipt) => ({ receipt, totals });
