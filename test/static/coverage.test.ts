import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { measureCoverage } from "../../tools/solidity/measureCoverage.ts";

// What coverage/test/contracts/Branches.t.sol leaves out of coverage/contracts/Branches.sol, worked out by hand.

const example = join(import.meta.dirname, "coverage");
const [coverage, ...others] = await measureCoverage(example);

const missed = <T extends { hits: number }>(places: readonly T[]) => places.filter(({ hits }) => hits === 0);

test("measures every source and nothing else", () => {
  expect(coverage?.file).toBe("contracts/Branches.sol");
  expect(others).toEqual([]);
});

test("finds the branches that no test took", () => {
  expect(missed(coverage!.branches).map(({ line, text }) => `${line} ${text}`)).toEqual([
    "11 value < 100 is false",
    "18 i == 200 is true",
    "25 flag is false",
    "28 value == 10 is false",
    "33 value > 0 is false",
    "33 value == 9 is true",
    "34 flag is false",
    "34 value == 12 is true",
    "40 catch",
  ]);
});

test("counts both ways of each condition, and each clause of a try", () => {
  expect(coverage!.branches).toHaveLength(2 * 13 + 2);
});

test("counts how often a branch was taken", () => {
  const hits = coverage!.branches
    .filter(({ line }) => line === 16 || line === 17)
    .map(({ text, hits }) => [text, hits]);
  expect(hits).toEqual([
    ["i == 2 is true", 1],
    ["i == 2 is false", 5],
    ["i < count is true", 6],
    ["i < count is false", 1],
  ]);
});

test("finds the lines that did not run, those of libraries that nothing uses too", () => {
  expect(missed(coverage!.lines).map(({ line }) => line)).toEqual([31, 40, 41, 45, 46, 51, 52]);
});

test.each([
  {
    what: "a test that fails",
    file: "test/contracts/Failing.t.sol",
    source: 'contract FailingTest { function test_fails() external pure { revert("planted"); } }',
    message: /\[FAIL: planted\] test_fails/,
  },
  {
    what: "a test that does not compile",
    file: "test/contracts/Broken.t.sol",
    source: "contract BrokenTest { uint256 x = address(0); }",
    message: /Error \(7407\)/,
  },
  {
    what: "a branch in assembly",
    file: "contracts/Hidden.sol",
    source: "library Hidden { function f(uint256 x) internal pure { assembly { if x {} } } }",
    message: /contracts\/Hidden\.sol:2: a branch in assembly/,
  },
])("refuses $what", { timeout: 60_000 }, async ({ file, source, message }) => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-coverage-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await cp(example, folder, { recursive: true });
  await writeFile(join(folder, file), `pragma solidity 0.8.37;\n${source}\n`);
  await expect(measureCoverage(folder)).rejects.toThrow(message);
});
