import { expect, test } from "vitest";
import { prove } from "../../tools/solidity/prove.ts";
import { slice } from "../../tools/solidity/slice.ts";

const FILE = "test/static/Example.sol";
/** The solver works for seconds on each contract. */
const PATIENCE = { timeout: 120_000 };

/** A contract with a function for each of these bodies. */
function contractOf(...bodies: string[]): string {
  const functions = bodies.map(
    (body, i) => `function check${i}(uint64 a, uint64 b) external pure returns (uint256 c) { ${body} }`,
  );
  return [
    "pragma solidity 0.8.37;",
    'import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";',
    'import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";',
    `contract Example { ${functions.join("\n")} }`,
  ].join("\n");
}

test("finds what can fail, and what can overflow", PATIENCE, () => {
  const { proved, findings } = prove(FILE, contractOf("assert(a != 7); return a + b;"));
  expect(proved).toBe(0);
  expect(findings).toEqual([
    { checked: FILE, finding: "CHC: Assertion violation happens here.", code: "assert(a != 7)" },
    { checked: FILE, finding: expect.stringMatching(/^CHC: Overflow .* happens here/), code: "a + b" },
  ]);
});

test("takes assembly for anything", PATIENCE, () => {
  const { findings } = prove(FILE, contractOf("assembly { c := 1 } assert(c == 1);"));
  expect(findings.map(({ code }) => code)).toContain("assert(c == 1)");
});

test("proves what holds, and reads OpenZeppelin's assembly as what it means", PATIENCE, () => {
  const content = contractOf(
    "c = uint256(a) * b; assert(c >= a || b == 0);",
    "c = SafeCast.toUint(a > b); assert(c == (a > b ? 1 : 0));",
  );
  expect(prove(FILE, content)).toEqual({ proved: 3, findings: [] });
});

test("throws on what does not compile", () => {
  expect(() => prove(FILE, contractOf("return nothing;"))).toThrow("Undeclared identifier");
});

test("keeps of a library what is reached, on the lines where it was", () => {
  const content = contractOf("return Math.ceilDiv(a, b);");
  const sources = slice(FILE, content);
  const math = sources["@openzeppelin/contracts/utils/math/Math.sol"]!.content;
  expect(math.match(/function \w+/g)).toEqual(["function ceilDiv"]);
  expect(math.split("\n")[182]).toContain("function ceilDiv");
  expect(sources[FILE]!.content).toBe(content);
});
