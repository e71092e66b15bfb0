import {
  auditLeafOf,
  auditSeedOf,
  commitmentOf,
  decodeEvidence,
  type Evidence,
  encodeEvidence,
  encodeTokenIds,
  type ItemInput,
  type ItemResult,
  itemLeaf,
  type Job,
  type JudgedItem,
  jobIdOf,
  judgedItems,
  type Lot,
  lotIdOf,
  NOT_IN_AUDIT_SET,
  PositionalTree,
  type Submission,
  type Totals,
  writeReceipts,
} from "@millrace/protocol";
import { keccak256 } from "viem";
import { describe, expect, test } from "vitest";
import { hashAt, spec, tell } from "../receiptLots.ts";

const ref = { chainId: 31_337, market: "0x00000000000000000000000000000000000000aa" } as const;
const buyer = "0x00000000000000000000000000000000000000bb";
const secret = hashAt(77);
const { classHash } = spec;

/** A lot of six items in a job of nine, all of it real but for the chain. */
function fixture(position = 2): { evidence: Evidence; expected: Parameters<typeof decodeEvidence>[1] } {
  const inputs = Array.from(
    { length: 9 },
    (_, i): ItemInput => ({
      request: JSON.stringify({ messages: [{ role: "user", content: `Item ${i} ✓` }] }),
      promptTokensCap: 50,
      outputTokensCap: 40,
      samplerHash: hashAt(1),
      requesterSeed: hashAt(2),
      salt: hashAt(300 + i),
    }),
  );
  const inputTree = new PositionalTree(inputs.map((input, i) => itemLeaf(i, input)));
  const told = tell({
    before: 2,
    after: 1,
    outcomes: Array(6).fill({ reason: "stop", prompt: 1, output: 1, spare: 0 }),
  });
  const auditTree = new PositionalTree(
    inputs.map((_, i) => (i === 2 ? auditLeafOf(secret, 0) : hashAt(900 + i))),
  );
  const request = { ...told.job.request, inputRoot: inputTree.root, auditRoot: auditTree.root, itemCount: 9 };
  const job: Job = { ...told.job, buyer, request };
  const jobId = jobIdOf(ref, buyer, request.nonce);
  const lot: Lot = { ...told.lot, jobId, buyer, firstItem: 2, itemCount: 6 };
  const results = Array.from(
    { length: 6 },
    (_, i): ItemResult => ({
      stopReason: i === 4 ? "length" : "stop",
      promptTokens: 10 + i,
      promptTokensHash: keccak256(encodeTokenIds([i])),
      tokenIds: [i, i + 1, 70_000],
      fingerprint: "0x0102",
      salt: hashAt(400 + i),
      text: `text ${i}`,
    }),
  );
  const book = writeReceipts({
    jobId,
    classHash,
    firstItem: 2,
    inputLeaves: inputs.slice(2, 8).map((input, i) => itemLeaf(2 + i, input)),
    outcomes: results,
  });
  const submission: Submission = {
    root: book.tree.root,
    resultsHash: hashAt(11),
    resultsKeyHash: hashAt(12),
    totals: book.totals,
  };
  const lotId = lotIdOf(lot);
  const seed = auditSeedOf(secret, commitmentOf(lotId, submission));
  const indices = judgedItems(seed, 6, position);
  const items = indices.map(
    (index): JudgedItem => ({
      index,
      input: inputs[2 + index]!,
      inputPath: inputTree.path(2 + index),
      result: results[index]!,
      totals: totalsUpTo(results, index),
      receiptPath: book.tree.path(index),
    }),
  );
  const audit = { secret, path: auditTree.path(2), position };
  return {
    evidence: { job, lot, submission, audit, items },
    expected: { ref, lotId, kind: "audit", index: indices[0]!, classHash },
  };
}

function totalsUpTo(results: readonly ItemResult[], index: number): Totals {
  const upTo = results.slice(0, index + 1);
  const sum = (of: (result: ItemResult) => number) =>
    BigInt(upTo.reduce((total, result) => total + of(result), 0));
  return { promptTokens: sum((r) => r.promptTokens), outputTokens: sum((r) => r.tokenIds.length), errors: 0 };
}

const refuse = (evidence: Evidence | Uint8Array, expected: Parameters<typeof decodeEvidence>[1]) =>
  expect(() =>
    decodeEvidence(evidence instanceof Uint8Array ? evidence : encodeEvidence(evidence), expected),
  ).toThrowError(expect.objectContaining({ code: "invalid-bundle" }));

describe("evidence", () => {
  test.each([0, 2, 5])("of position %d comes out as it went in", (position) => {
    const { evidence, expected } = fixture(position);
    expect(evidence.items).toHaveLength(4);
    expect(decodeEvidence(encodeEvidence(evidence), expected)).toEqual(evidence);
  });

  test("of an item outside the audit set is that item alone", () => {
    const { evidence, expected } = fixture();
    const alone = { ...evidence, audit: undefined, items: evidence.items.slice(0, 1) };
    const ofItem = { ...expected, kind: "item" } as const;
    expect(decodeEvidence(encodeEvidence(alone), ofItem).items).toEqual(alone.items);
    refuse({ ...evidence, audit: undefined }, ofItem);
    refuse(alone, expected);
  });

  test("of another lot, item, class or market is refused", () => {
    const { evidence, expected } = fixture();
    refuse(evidence, { ...expected, lotId: hashAt(1) });
    refuse(evidence, { ...expected, index: (expected.index + 1) % 6 });
    refuse(evidence, { ...expected, classHash: hashAt(1) });
    refuse(evidence, { ...expected, ref: { ...ref, chainId: 1 } });
  });

  test("that shows too few, too many, or other items is refused", () => {
    const { evidence, expected } = fixture();
    const { items } = evidence;
    refuse({ ...evidence, items: items.slice(0, 3) }, expected);
    refuse({ ...evidence, items: [] }, expected);
    refuse({ ...evidence, items: [...items, items[0]!] }, expected);
    refuse({ ...evidence, items: [items[0]!, items[2]!, items[1]!, items[3]!] }, expected);
  });

  test("that does not show the audit set is refused", () => {
    const { evidence, expected } = fixture();
    const audit = evidence.audit!;
    refuse({ ...evidence, audit: { ...audit, secret: hashAt(78) } }, expected);
    refuse({ ...evidence, audit: { ...audit, path: audit.path.slice(1) } }, expected);
    refuse({ ...evidence, audit: { ...audit, path: audit.path.with(0, hashAt(5)) } }, expected);
    refuse({ ...evidence, audit: { ...audit, position: 3 } }, expected);
    refuse({ ...evidence, audit: { ...audit, position: NOT_IN_AUDIT_SET } }, expected);
  });

  test("in which anything that is bound was changed is refused", () => {
    const { evidence, expected } = fixture();
    const { job, lot, submission, items } = evidence;
    const [first] = items;
    const { input, result, totals } = first!;
    const withFirst = (changed: Partial<JudgedItem>) => ({
      ...evidence,
      items: items.with(0, { ...first!, ...changed }),
    });
    const changed: Evidence[] = [
      { ...evidence, lot: { ...lot, escrow: lot.escrow + 1n } },
      { ...evidence, job: { ...job, request: { ...job.request, nonce: 2n } } },
      { ...evidence, job: { ...job, request: { ...job.request, inputRoot: hashAt(1) } } },
      { ...evidence, submission: { ...submission, root: hashAt(1) } },
      withFirst({ input: { ...input, request: `${input.request} ` } }),
      withFirst({ input: { ...input, outputTokensCap: 41 } }),
      withFirst({ input: { ...input, promptTokensCap: 51 } }),
      withFirst({ input: { ...input, requesterSeed: hashAt(3) } }),
      withFirst({ input: { ...input, samplerHash: hashAt(3) } }),
      withFirst({ input: { ...input, salt: hashAt(3) } }),
      withFirst({ inputPath: first!.inputPath.with(0, hashAt(3)) }),
      withFirst({ receiptPath: first!.receiptPath.with(0, hashAt(3)) }),
      withFirst({ totals: { ...totals, promptTokens: totals.promptTokens + 1n } }),
      withFirst({ totals: { ...totals, outputTokens: totals.outputTokens + 1n } }),
      withFirst({ totals: { ...totals, errors: 1 } }),
      withFirst({ result: { ...result, stopReason: "stop-string" } }),
      withFirst({ result: { ...result, promptTokens: result.promptTokens + 1 } }),
      withFirst({ result: { ...result, promptTokensHash: hashAt(3) } }),
      withFirst({ result: { ...result, tokenIds: [...result.tokenIds, 1] } }),
      withFirst({ result: { ...result, tokenIds: result.tokenIds.with(0, 99) } }),
      withFirst({ result: { ...result, fingerprint: "0x0103" } }),
      withFirst({ result: { ...result, salt: hashAt(3) } }),
    ];
    for (const evidence of changed) refuse(evidence, expected);
  });

  test("that is malformed is refused, wherever it breaks", () => {
    const { evidence, expected } = fixture();
    const bytes = encodeEvidence(evidence);
    refuse(new Uint8Array(), expected);
    refuse(new TextEncoder().encode("null"), expected);
    refuse(new TextEncoder().encode('{"version":2}'), expected);
    refuse(bytes.with(0, 0xff), expected);
    for (let length = 1; length < bytes.length; length += 97) refuse(bytes.slice(0, length), expected);
    const paths = [
      ["job"],
      ["lot"],
      ["submission"],
      ["audit"],
      ["items"],
      ["items", 0],
      ["items", 0, "input"],
      ["items", 0, "result"],
      ["items", 0, "totals"],
      ["items", 0, "inputPath"],
      ["job", "request"],
      ["lot", "escrow"],
    ];
    for (const path of paths) {
      for (const value of [undefined, null, 5, "x", {}, []]) {
        const parsed = JSON.parse(new TextDecoder().decode(bytes));
        const parent = path.slice(0, -1).reduce((at, key) => at[key], parsed);
        parent[path.at(-1)!] = value;
        refuse(new TextEncoder().encode(JSON.stringify(parsed)), expected);
      }
    }
  });
});
