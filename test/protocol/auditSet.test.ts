import {
  AUDIT_ATTEMPTS,
  AUDIT_POSITIONS,
  auditItemAt,
  auditLeafOf,
  auditSeedOf,
  auditSetLength,
  auditSetOf,
  judgedItems,
  verifyAuditSecret,
} from "@millrace/protocol";
import fc from "fast-check";
import { type Hex, hexToBytes, keccak256, numberToHex } from "viem";
import { describe, expect, test } from "vitest";
import { readVectors } from "./vectors.ts";

const vectors = readVectors<{
  positions: number;
  attempts: number;
  trees: {
    itemCount: number;
    auditRoot: Hex;
    lots: { firstItem: number; attempt: number; secret: Hex; path: Hex[] }[];
  }[];
  sets: { itemCount: number; secret: Hex; commitment: Hex; seed: Hex; items: number[] }[];
}>("auditSet");

const words = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }).map((value) => numberToHex(value, { size: 32 }));
const itemCounts = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 2 ** 32 - 1 }));
const lots = vectors.trees.flatMap(({ lots, ...tree }) => lots.map((lot) => ({ ...tree, ...lot })));

/** Another hash, one bit away. */
const corrupt = (hash: Hex, bit: number) => numberToHex(BigInt(hash) ^ (1n << BigInt(bit)), { size: 32 });

describe("vectors", () => {
  test("the constants", () => {
    expect(AUDIT_POSITIONS).toBe(vectors.positions);
    expect(AUDIT_ATTEMPTS).toBe(vectors.attempts);
  });

  test.each(vectors.sets)("the set of $itemCount items", ({ itemCount, secret, commitment, seed, items }) => {
    expect(auditSeedOf(secret, commitment)).toBe(seed);
    expect(auditSetOf(seed, itemCount)).toEqual(items);
  });

  test.each(lots)("the lot at $firstItem of $itemCount, assigned anew $attempt times", (lot) => {
    expect(verifyAuditSecret(lot, lot, lot)).toBe(true);
  });
});

describe("auditItemAt", () => {
  test("gives every item of a lot of up to 128 once", () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 128 }), (seed, itemCount) => {
        expect(auditSetOf(seed, itemCount)).toEqual(Array.from({ length: itemCount }, (_, i) => i));
      }),
    );
  });

  test("stays within the lot, and has 128 positions at most", () => {
    fc.assert(
      fc.property(words, itemCounts, fc.nat(), (seed, itemCount, at) => {
        const length = auditSetLength(itemCount);
        expect(length).toBe(Math.min(itemCount, 128));
        const item = auditItemAt(seed, itemCount, at % length);
        expect(item).toBeGreaterThanOrEqual(0);
        expect(item).toBeLessThan(itemCount);
      }),
    );
  });

  test.each([
    [1, 1],
    [5, 5],
    [128, 128],
    [1_000_000, 128],
    [1_000_000, -1],
    [1_000_000, 0.5],
  ])("of a lot of %d refuses position %d", (itemCount, position) => {
    expect(() => auditItemAt(keccak256("0x"), itemCount, position)).toThrow(RangeError);
  });

  // Chi-squared with 9 degrees of freedom: below 33.7 in all but one of 10,000 honest draws; the seeds are fixed.
  test("draws every part of a lot alike", () => {
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 100; i++) {
      const seed = keccak256(numberToHex(i, { size: 32 }));
      for (const item of auditSetOf(seed, 1_000)) counts[Math.floor(item / 100)]!++;
    }
    const expected = (100 * 128) / 10;
    const chiSquared = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chiSquared).toBeLessThan(33.7);
  });
});

describe("judgedItems", () => {
  const seed = keccak256("0x");

  test("are those of the position and of the next three", () => {
    const set = auditSetOf(seed, 1_000_000);
    expect(judgedItems(seed, 1_000_000, 10)).toEqual(set.slice(10, 14));
  });

  test("go on at the beginning", () => {
    const set = auditSetOf(seed, 1_000_000);
    expect(judgedItems(seed, 1_000_000, 126)).toEqual([set[126], set[127], set[0], set[1]]);
    expect(judgedItems(seed, 6, 5)).toEqual([5, 0, 1, 2]);
  });

  test("are each there once", () => {
    expect(judgedItems(seed, 1, 0)).toEqual([0]);
    expect(judgedItems(seed, 3, 2)).toEqual([2, 0, 1]);
    fc.assert(
      fc.property(
        words,
        fc.integer({ min: 129, max: 140 }),
        fc.nat({ max: 127 }),
        (any, itemCount, position) => {
          const items = judgedItems(any, itemCount, position);
          expect(new Set(items).size).toBe(items.length);
          expect(items[0]).toBe(auditItemAt(any, itemCount, position));
        },
      ),
    );
  });

  test("refuse a position that there is not", () => {
    expect(() => judgedItems(seed, 3, 3)).toThrow(RangeError);
  });
});

describe("verifyAuditSecret", () => {
  test("follows the chain back: each assignment's secret hashes to the one before it", () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 7 }), (secret, attempt) => {
        expect(auditLeafOf(secret, attempt)).toBe(auditLeafOf(keccak256(hexToBytes(secret)), attempt - 1));
      }),
    );
  });

  test("takes no other secret, path, item, assignment or root", () => {
    fc.assert(
      fc.property(fc.constantFrom(...lots), fc.nat({ max: 255 }), fc.nat(), (lot, bit, which) => {
        expect(verifyAuditSecret(lot, lot, { ...lot, secret: corrupt(lot.secret, bit) })).toBe(false);
        expect(verifyAuditSecret({ ...lot, auditRoot: corrupt(lot.auditRoot, bit) }, lot, lot)).toBe(false);
        const attempt = (lot.attempt + 1 + (which % 7)) % 8;
        expect(verifyAuditSecret(lot, { ...lot, attempt }, lot)).toBe(false);
        expect(verifyAuditSecret(lot, { ...lot, firstItem: lot.firstItem + 1 }, lot)).toBe(false);
        expect(verifyAuditSecret(lot, lot, { ...lot, path: [...lot.path, lot.secret] })).toBe(false);
        if (lot.path.length === 0) return;
        const path = lot.path.map((hash, i) => (i === which % lot.path.length ? corrupt(hash, bit) : hash));
        expect(verifyAuditSecret(lot, lot, { ...lot, path })).toBe(false);
      }),
    );
  });

  test("knows no assignment beyond the eighth", () => {
    // A chain that is longer than chains may be.
    const secret = keccak256("0x");
    const auditRoot = auditLeafOf(secret, 8);
    const lot = { firstItem: 0, attempt: 8 };
    expect(verifyAuditSecret({ auditRoot, itemCount: 1 }, lot, { secret, path: [] })).toBe(false);
  });
});
