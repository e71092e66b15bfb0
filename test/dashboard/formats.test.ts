import { describe, expect, test } from "vitest";
import {
  formatBps,
  formatBytes,
  formatDuration,
  formatShare,
  formatTokens,
  formatTokensExactly,
  shorten,
} from "../../dashboard/src/components/formats.ts";

describe("formatTokens", () => {
  test.each([
    [0n, "0.00"],
    [1n, "0.000001"],
    [123_456n, "0.1234"],
    [100_000n, "0.10"],
    [1_234n, "0.001234"],
    [12_500_000n, "12.50"],
    [1_234_567n, "1.2345"],
    [1_234_567_890n, "1,234.56"],
    [80_103_710_499_999n, "80,103,710"],
  ])("%d base units of six decimals are %s", (value, text) => {
    expect(formatTokens(value, 6)).toBe(text);
  });

  test("behavior: beyond the integers that numbers hold, digits stay exact", () => {
    expect(formatTokensExactly(12_345_678_901_234_567_890_123n, 18)).toBe("12,345.678901234567890123");
  });
});

describe("formatDuration", () => {
  test.each([
    [0, "0 s"],
    [59.6, "1 min"],
    [61, "1 min 1 s"],
    [3_600, "1 h"],
    [9_000, "2 h 30 min"],
    [86_405, "1 d"],
    [90_000, "1 d 1 h"],
    [-5, "0 s"],
  ])("%d s are %s", (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});

test("shares, basis points, bytes and hashes", () => {
  expect(formatShare(1, 0)).toBe("–");
  expect(formatShare(1, 3)).toBe("33.33 %");
  expect(formatShare(1, 1_000_000)).toBe("< 0.01 %");
  expect(formatShare(0, 9)).toBe("0 %");
  expect(formatBps(250)).toBe("2.5 %");
  expect(formatBytes("8709518624")).toBe("8.7 GB");
  expect(formatBytes(512_000)).toBe("0.5 MB");
  expect(shorten("0x5FbDB2315678afecb367f032d93F642f64180aa3")).toBe("0x5FbD…0aa3");
});
