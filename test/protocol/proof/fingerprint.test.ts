import {
  CANDIDATES,
  decodeFingerprint,
  encodeFingerprint,
  FINGERPRINT_TOP,
  fingerprintDistance,
  fingerprintRows,
  type Row,
} from "@millrace/protocol";
import fc from "fast-check";
import { keccak256, numberToHex } from "viem";
import { describe, expect, test } from "vitest";

const hash = keccak256("0x01");
const rowFrom = (logProbs: readonly number[], firstId = 0): Row => ({
  tokenIds: logProbs.map((_, i) => firstId + i * 3),
  logProbs,
  count: logProbs.length,
});
const rows = fc
  .array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: FINGERPRINT_TOP, maxLength: 128 })
  .map((steps) => {
    let logProb = 0;
    return rowFrom(
      steps.map((step) => {
        logProb -= step;
        return logProb;
      }),
    );
  });

describe("fingerprintRows", () => {
  const output = { promptTokens: 5, outputTokens: 9, stopReason: "length", outputTokensHash: hash } as const;

  test("are two of the prompt and two of the output", () => {
    const drawn = fingerprintRows(output);
    expect(drawn.slice(0, 2)).toEqual([-1, 0]);
    expect(drawn).toHaveLength(4);
    for (const row of drawn.slice(2)) expect(row).toSatisfy((r: number) => r >= 1 && r <= 8);
  });

  test("reach to where the model stopped, if it did", () => {
    const rowsOf = (stopReason: "stop" | "length") =>
      Array.from({ length: 300 }, (_, i) =>
        fingerprintRows({
          ...output,
          stopReason,
          outputTokens: 2,
          outputTokensHash: keccak256(numberToHex(i)),
        }),
      ).flat();
    expect(Math.max(...rowsOf("stop"))).toBe(2);
    expect(Math.max(...rowsOf("length"))).toBe(1);
  });

  test("are fewer of short ones", () => {
    expect(fingerprintRows({ ...output, outputTokens: 1 })).toEqual([-1, 0]);
    expect(fingerprintRows({ ...output, outputTokens: 0, stopReason: "stop" })).toEqual([-1, 0]);
    expect(fingerprintRows({ ...output, promptTokens: 1, outputTokens: 1 })).toEqual([0]);
    expect(fingerprintRows({ ...output, outputTokens: 1, stopReason: "stop" })).toEqual([-1, 0, 1, 1]);
  });

  test("are drawn by the output", () => {
    const drawn = new Set(
      Array.from({ length: 50 }, (_, i) =>
        fingerprintRows({ ...output, outputTokens: 100, outputTokensHash: keccak256(numberToHex(i)) }).join(),
      ),
    );
    expect(drawn.size).toBeGreaterThan(45);
  });
});

describe("a fingerprint", () => {
  test("comes out as it went in, to half of a 1024th", () => {
    fc.assert(
      fc.property(fc.array(rows, { maxLength: 4 }), (list) => {
        const decoded = decodeFingerprint(encodeFingerprint(list));
        expect(decoded.map(({ tokenIds }) => tokenIds)).toEqual(
          list.map(({ tokenIds }) => Array.from(tokenIds).slice(0, FINGERPRINT_TOP)),
        );
        expect(fingerprintDistance(decoded, list)).toBeLessThanOrEqual(0.5 / 1_024 + 1e-9);
      }),
    );
  });

  test("does not depend on how many tokens the engine was asked for", () => {
    fc.assert(
      fc.property(rows, fc.double({ min: -3, max: 3, noNaN: true }), (row, shift) => {
        const shifted = { ...row, logProbs: Array.from(row.logProbs, (logProb) => logProb + shift) };
        const cut = { ...row, count: Math.min(row.count, CANDIDATES) };
        expect(fingerprintDistance(decodeFingerprint(encodeFingerprint([row])), [shifted])).toBeLessThan(
          0.001,
        );
        expect(encodeFingerprint([cut])).toBe(encodeFingerprint([row]));
      }),
    );
  });

  test("of other tokens is 4 nats away, and never more", () => {
    const row = rowFrom(Array.from({ length: 20 }, (_, i) => -i));
    const claimed = decodeFingerprint(encodeFingerprint([row]));
    expect(fingerprintDistance(claimed, [rowFrom(Array(20).fill(0), 1_000)])).toBe(4);
  });

  test("of half a nat less for one of eight is a sixteenth away", () => {
    const logProbs = [0, -1, -2, -3, -4, -5, -6, -20, -90];
    const row = rowFrom(logProbs);
    const claimed = decodeFingerprint(encodeFingerprint([row]));
    // So unlikely that the others' sum does not change.
    const other = rowFrom(logProbs.with(7, -20.5));
    expect(fingerprintDistance(claimed, [other])).toBeCloseTo(0.5 / 8, 3);
  });

  test("of a broken size is refused", () => {
    expect(() => decodeFingerprint("0x00")).toThrowError(
      expect.objectContaining({ code: "invalid-fingerprint" }),
    );
    expect(decodeFingerprint("0x")).toEqual([]);
  });

  test("with other rows than the verifier's cannot be compared", () => {
    expect(() => fingerprintDistance([], [rowFrom([0, -1])])).toThrow(RangeError);
  });
});
