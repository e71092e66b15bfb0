import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

// docs/protocol.md tells who may vanish in which state of a case, and names a test of Vanishing.t.sol for each.

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
const section = read("../../../docs/protocol.md").split("### Who vanishes\n")[1]!.split("\n## ")[0]!;
const rows = section
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .slice(2)
  .map((line) => line.split("|").map((cell) => cell.trim()));
const named = rows.map((cells) => cells.at(-2)!.replaceAll("`", ""));
const tests = [...read("Vanishing.t.sol").matchAll(/function (test_\w+)\(/g)].map(([, name]) => name!);

test("each row names a test of its own, and each test has a row", () => {
  expect(named.toSorted()).toEqual(tests.toSorted());
});

test("each status of a case has a row", () => {
  const [, body] = /enum CaseStatus \{([^}]*)\}/.exec(read("../../../contracts/types/Case.sol"))!;
  const statuses = [...body!.matchAll(/^ {4}(\w+),?$/gm)].map(([, name]) => name!);
  expect(statuses).toContain("Failed");
  const states = rows.flatMap(([, state]) => state!.split(/\W+/));
  expect(statuses.filter((status) => status !== "None" && !states.includes(status))).toEqual([]);
});

test("each row's test is about the state that the row begins in", () => {
  for (const [i, cells] of rows.entries()) {
    const state = cells[1]!.split(/\W/)[0]!;
    const begins = state === "any" ? "everyStatus" : state.toLowerCase();
    expect(named[i]).toMatch(new RegExp(`^test_${begins}_`));
  }
});

test("each call is the court's or the Market's", () => {
  const interfaces =
    read("../../../contracts/interfaces/ICourt.sol") + read("../../../contracts/interfaces/IMarket.sol");
  const functions = new Set([...interfaces.matchAll(/function (\w+)\(/g)].map(([, name]) => name!));
  for (const cells of rows) {
    const calls = [...cells[3]!.matchAll(/`(\w+)`/g)].map(([, name]) => name!);
    expect(calls.length).toBeGreaterThan(0);
    expect(calls.filter((call) => !functions.has(call))).toEqual([]);
  }
});
