import {
  decodeInput,
  decodeResults,
  encodeInput,
  encodeResults,
  type ItemInput,
  type ItemResult,
  itemLeaf,
  type Lot,
  PositionalTree,
} from "@millrace/protocol";
import fc from "fast-check";
import { type Hex, numberToHex, zeroAddress } from "viem";
import { describe, expect, test } from "vitest";

const hash = fc
  .bigInt({ min: 0n, max: 2n ** 256n - 1n })
  .map((value): Hex => numberToHex(value, { size: 32 }));
const count = fc.integer({ min: 0, max: 0xffff_ffff });
/** Any text that UTF-8 can carry: line breaks, quotes and astral characters, but no lone surrogates. */
const text = fc.string({ unit: "binary" });

const itemInput: fc.Arbitrary<ItemInput> = fc.record({
  request: text,
  promptTokensCap: count,
  outputTokensCap: count,
  samplerHash: hash,
  requesterSeed: hash,
  salt: hash,
});
const outcome = {
  promptTokens: count,
  promptTokensHash: hash,
  tokenIds: fc.array(count, { maxLength: 5 }),
  fingerprint: hash,
  salt: hash,
  text,
};
const itemResult: fc.Arbitrary<ItemResult> = fc.oneof(
  fc.record({ ...outcome, stopReason: fc.constantFrom("stop", "length", "stop-string") }),
  fc.record({
    ...outcome,
    stopReason: fc.constantFrom("error", "invalid-input"),
    error: fc.record({ code: text, message: text }),
  }),
);

const jobId = numberToHex(1, { size: 32 });
const otherHash = numberToHex(99, { size: 32 });
const lotId = numberToHex(2, { size: 32 });
const refusal = expect.objectContaining({ code: "invalid-bundle", retryable: false });

function lotOf(firstItem: number, itemCount: number): Lot {
  return {
    jobId,
    buyer: zeroAddress,
    provider: zeroAddress,
    firstItem,
    itemCount,
    attempt: 0,
    promptPricePerMillion: 0n,
    outputPricePerMillion: 0n,
    escrow: 0n,
    collateral: 0n,
    penalty: 0n,
    releaseCharge: 0n,
    graceEndsAt: 0,
    deadline: 0,
    windowSeconds: 0,
    feeBps: 0,
    bountyBps: 0,
  };
}

/** A job of items with a lot of them, packed. */
function pack(items: readonly ItemInput[], firstItem: number, itemCount: number) {
  const tree = new PositionalTree(items.map((item, index) => itemLeaf(index, item)));
  const lot = lotOf(firstItem, itemCount);
  const expected = { lot, inputRoot: tree.root, itemCount: items.length };
  return { lot, expected, bytes: encodeInput({ jobId, items, tree }, lot) };
}

const jobs = fc.array(itemInput, { minLength: 1, maxLength: 12 }).chain((items) =>
  fc.integer({ min: 0, max: items.length - 1 }).chain((firstItem) =>
    fc.record({
      items: fc.constant(items),
      firstItem: fc.constant(firstItem),
      itemCount: fc.integer({ min: 1, max: items.length - firstItem }),
    }),
  ),
);

const linesOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trimEnd().split("\n");
const bytesOf = (lines: readonly string[]) => new TextEncoder().encode(`${lines.join("\n")}\n`);
/** The same bundle with one line's field set to `value`, or gone. */
function withField(bytes: Uint8Array, line: number, field: string, value: unknown): Uint8Array {
  const lines = linesOf(bytes);
  return bytesOf(lines.with(line, JSON.stringify({ ...JSON.parse(lines[line]!), [field]: value })));
}

const sample: ItemInput[] = Array.from({ length: 5 }, (_, index) => ({
  request: `{"prompt":"${index}"}`,
  promptTokensCap: 100,
  outputTokensCap: 50,
  samplerHash: numberToHex(10, { size: 32 }),
  requesterSeed: numberToHex(11, { size: 32 }),
  salt: numberToHex(index, { size: 32 }),
}));
const sampleResult: ItemResult = {
  stopReason: "stop",
  promptTokens: 5,
  promptTokensHash: numberToHex(20, { size: 32 }),
  tokenIds: [1, 2],
  fingerprint: numberToHex(21, { size: 32 }),
  salt: numberToHex(22, { size: 32 }),
  text: "an answer",
};

/** Each value for each field. */
const casesOf = (fields: readonly string[], values: readonly unknown[]) =>
  fields.flatMap((field) => values.map((value): [string, unknown] => [field, value]));
const notHashes = [
  undefined,
  null,
  7,
  "",
  "0x",
  "7",
  `0x${"0".repeat(62)}`,
  `0x${"0".repeat(63)}`,
  `0x${"0".repeat(66)}`,
  `0x${"g".repeat(64)}`,
];
const notCounts = [undefined, null, "5", -1, 0.5, 2 ** 32, [5]];
const notTexts = [undefined, null, 5, ["a"], { a: 1 }];
const notObjects = ["", "{", "[]", "null", "5", '"text"', "{}{}", "\u0000"];

describe("an input", () => {
  test("comes out as it went in", () => {
    fc.assert(
      fc.property(jobs, ({ items, firstItem, itemCount }) => {
        const { bytes, expected } = pack(items, firstItem, itemCount);
        const bundle = decodeInput(bytes, expected);
        expect(bundle.items).toEqual(items.slice(firstItem, firstItem + itemCount));
        expect(bundle).toMatchObject({ jobId, firstItem });
      }),
    );
  });

  const { bytes, expected } = pack(sample, 1, 3);
  const refuse = (damaged: Uint8Array) => expect(() => decodeInput(damaged, expected)).toThrow(refusal);

  test.each([
    ["jobId", lotId],
    ["jobId", undefined],
    ["firstItem", 0],
    ["firstItem", "1"],
    ["version", 2],
    ["version", undefined],
    ["proof", undefined],
    ["proof", {}],
    ["proof", [1]],
    ["proof", []],
  ])("with %s %j in its header is refused", (field, value) => {
    refuse(withField(bytes, 0, field, value));
  });

  test.each([
    ...casesOf(["samplerHash", "requesterSeed", "salt"], notHashes),
    ...casesOf(["promptTokensCap", "outputTokensCap"], notCounts),
    ...casesOf(["request"], notTexts),
  ])("with %s %j in a line is refused", (field, value) => {
    for (const line of [1, 2, 3]) refuse(withField(bytes, line, field, value));
  });

  test.each([
    ["request", "{}"],
    ["promptTokensCap", 101],
    ["outputTokensCap", 51],
    ["samplerHash", otherHash],
    ["requesterSeed", otherHash],
    ["salt", otherHash],
  ])("whose %s is not what the buyer committed to is refused", (field, value) => {
    for (const line of [1, 2, 3]) refuse(withField(bytes, line, field, value));
  });

  test.each(notObjects)("with the line %j is refused", (line) => {
    const lines = linesOf(bytes);
    for (const at of lines.keys()) refuse(bytesOf(lines.with(at, line)));
  });

  test("with lines missing, more or in another order is refused", () => {
    const [header, first, ...rest] = linesOf(bytes);
    refuse(bytesOf([]));
    refuse(bytesOf([header!]));
    refuse(bytesOf([first!, ...rest]));
    refuse(bytesOf([header!, ...rest]));
    refuse(bytesOf([header!, first!, first!, ...rest]));
    refuse(bytesOf([header!, ...rest, first!]));
    refuse(bytesOf([first!, header!, ...rest]));
  });

  test("that is not UTF-8 is refused", () => {
    refuse(Uint8Array.of(...bytes.slice(0, 40), 0xff, ...bytes.slice(40)));
    refuse(bytes.slice(0, bytes.length - 3));
    refuse(new Uint8Array(0));
  });

  test("of another lot of the same job is refused", () => {
    expect(() => decodeInput(pack(sample, 0, 3).bytes, expected)).toThrow(refusal);
    expect(() => decodeInput(pack(sample, 1, 2).bytes, expected)).toThrow(refusal);
  });

  test("under another root or count is refused", () => {
    expect(() => decodeInput(bytes, { ...expected, inputRoot: jobId })).toThrow(refusal);
    expect(() => decodeInput(bytes, { ...expected, itemCount: 9 })).toThrow(refusal);
  });

  test("damaged anywhere is refused, or says the same", () => {
    const damages = fc.record({ at: fc.nat(bytes.length - 1), byte: fc.nat(255) });
    const intact = decodeInput(bytes, expected);
    fc.assert(
      fc.property(damages, ({ at, byte }) => {
        try {
          // Fields that nobody reads, and the letters of hex, may differ.
          expect(decodeInput(bytes.with(at, byte), expected).items.map(normal)).toEqual(
            intact.items.map(normal),
          );
        } catch (error) {
          expect(error).toEqual(refusal);
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** With hashes in lower case. */
function normal(item: ItemInput): ItemInput {
  return { ...item, ...lower(item, "samplerHash"), ...lower(item, "requesterSeed"), ...lower(item, "salt") };
}

function lower(item: ItemInput, field: "samplerHash" | "requesterSeed" | "salt") {
  return { [field]: item[field].toLowerCase() };
}

describe("results", () => {
  test("come out as they went in", () => {
    fc.assert(
      fc.property(fc.array(itemResult, { maxLength: 8 }), (results) => {
        const bytes = encodeResults({ lotId, results });
        expect(decodeResults(bytes, { lotId, itemCount: results.length })).toEqual({ lotId, results });
      }),
    );
  });

  const results = [sampleResult, sampleResult];
  const bytes = encodeResults({ lotId, results });
  const expected = { lotId, itemCount: results.length };
  const refuse = (damaged: Uint8Array) => expect(() => decodeResults(damaged, expected)).toThrow(refusal);

  test.each([
    ["lotId", jobId],
    ["lotId", undefined],
    ["version", 0],
    ["version", undefined],
  ])("with %s %j in their header are refused", (field, value) => {
    refuse(withField(bytes, 0, field, value));
  });

  test.each([
    ...casesOf(["promptTokensHash", "salt"], notHashes),
    ...casesOf(["fingerprint"], [undefined, null, 7, "", "0x0", "0xAB", "0xzz", "ab"]),
    ...casesOf(["promptTokens"], notCounts),
    ...casesOf(["tokenIds"], [undefined, null, 5, "1,2", {}, ...notCounts.map((value) => [1, value])]),
    ...casesOf(["text"], notTexts),
    ...casesOf(["stopReason"], [undefined, null, "none", 0, "STOP"]),
    // An error stands beside a failure, and nowhere else.
    ...casesOf(["error"], [{ code: "a", message: "b" }, null]),
    ...casesOf(["stopReason"], ["error", "invalid-input"]),
  ])("with %s %j in a line are refused", (field, value) => {
    for (const line of [1, 2]) refuse(withField(bytes, line, field, value));
  });

  test.each(["broken", 5, null, {}, { code: "a" }, { message: "a" }, { code: 1, message: "a" }])(
    "with the error %j are refused",
    (error) => {
      refuse(withField(withField(bytes, 1, "stopReason", "error"), 1, "error", error));
    },
  );

  test.each(notObjects)("with the line %j are refused", (line) => {
    const lines = linesOf(bytes);
    for (const at of lines.keys()) refuse(bytesOf(lines.with(at, line)));
  });

  test("with lines missing or more are refused", () => {
    const [header, ...lines] = linesOf(bytes);
    refuse(bytesOf([header!]));
    refuse(bytesOf([header!, lines[0]!]));
    refuse(bytesOf([header!, ...lines, lines[0]!]));
    refuse(bytesOf(lines));
  });
});
