import { costUp, formatAmount, MillraceError, parseAmount } from "@millrace/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Row, readVectors, revive } from "./vectors.ts";

const vectors = readVectors<{ costUp: Row[] }>("pricing");

describe("costUp", () => {
  test.each(vectors.costUp)("vector %#", (row) => {
    const { promptTokens, outputTokens, cost, ...prices } = revive<{
      promptTokens: bigint;
      outputTokens: bigint;
      promptPricePerMillion: bigint;
      outputPricePerMillion: bigint;
      cost: bigint;
    }>(row);
    expect(costUp(promptTokens, outputTokens, prices)).toBe(cost);
  });

  test("is the least that covers", () => {
    const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    fc.assert(
      fc.property(uint64, uint64, uint64, uint64, (prompt, output, a, b) => {
        const exact = prompt * a + output * b;
        const cost = costUp(prompt, output, { promptPricePerMillion: a, outputPricePerMillion: b });
        expect(cost * 1_000_000n >= exact && (cost === 0n || (cost - 1n) * 1_000_000n < exact)).toBe(true);
      }),
    );
  });
});

describe("parseAmount", () => {
  test.each([
    "",
    " ",
    "-1",
    "+1",
    "1e6",
    "0x10",
    "1,5",
    ".5",
    "5.",
    "1.2.3",
    "١",
    "NaN",
    "Infinity",
    "1 000",
    "0.0000001",
  ])("refuses %j", (text) => {
    expect(() => parseAmount(text)).toThrow(expect.objectContaining({ code: "invalid-amount" }));
    expect(() => parseAmount(text)).toThrow(MillraceError);
  });

  test.each([
    ["0", 0n],
    ["12.5", 12_500_000n],
    ["0.000001", 1n],
    ["007", 7_000_000n],
    [" 1 ", 1_000_000n],
  ])("reads %j", (text, amount) => {
    expect(parseAmount(text)).toBe(amount);
  });

  test("args: decimals", () => {
    expect(parseAmount("1.5", 18)).toBe(15n * 10n ** 17n);
    expect(parseAmount("2", 0)).toBe(2n);
    expect(() => parseAmount("2.0", 0)).toThrow(expect.objectContaining({ code: "invalid-amount" }));
  });

  test("reads back what formatAmount wrote", () => {
    const amounts = fc.bigInt({ min: 0n, max: 2n ** 112n });
    fc.assert(
      fc.property(amounts, fc.integer({ min: 0, max: 18 }), (amount, decimals) => {
        expect(parseAmount(formatAmount(amount, decimals), decimals)).toBe(amount);
      }),
    );
  });
});

describe("formatAmount", () => {
  test.each([
    [0n, "0"],
    [1n, "0.000001"],
    [12_500_000n, "12.5"],
    [-12_500_000n, "-12.5"],
    [10n ** 24n, `1${"0".repeat(18)}`],
  ])("writes %d as %s", (amount, text) => {
    expect(formatAmount(amount)).toBe(text);
  });
});
