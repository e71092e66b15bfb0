import { describe, expect, test } from "vitest";
import { openProject } from "./project.ts";
import { sampleOf } from "./sample.ts";

const { mutants } = openProject({
  name: "Purse",
  sources: ["test/mutation/fixture/Purse.sol"],
  tests: ["test/mutation/fixture/Purse.t.sol"],
});

describe("mutants", () => {
  test("are all that the operators make of the syntax, and no others", () => {
    expect(
      mutants.map((mutant) => [mutant.function, mutant.operator, mutant.original, mutant.replacement]),
    ).toEqual([
      ["Purse", "constant", "3", "(3 + 1)"],
      ["Purse", "constant", "3", "(3 - 1)"],
      ["Purse.onlyOwner", "access-control", "require(msg.sender == OWNER, Purse_NotOwner());", "{}"],
      ["Purse.onlyOwner", "relational", "msg.sender == OWNER", "msg.sender != OWNER"],
      ["Purse.constructor", "require-deletion", "require(amount != 0, Purse_Empty());", "{}"],
      ["Purse.constructor", "relational", "amount != 0", "amount == 0"],
      ["Purse.constructor", "constant", "0", "(0 + 1)"],
      ["Purse.constructor", "assignment-deletion", "OWNER = msg.sender;", "{}"],
      ["Purse.constructor", "assignment-deletion", "left = amount;", "{}"],
      ["Purse.take", "require-deletion", "_requireOpen();", "{}"],
      ["Purse.take", "relational", "amount + FEE > left", "amount + FEE >= left"],
      ["Purse.take", "relational", "amount + FEE > left", "amount + FEE <= left"],
      ["Purse.take", "arithmetic", "amount + FEE", "(amount - FEE)"],
      ["Purse.take", "require-deletion", "revert Purse_TooMuch(amount, left);", "{}"],
      ["Purse.take", "assignment-deletion", "left -= amount + FEE;", "{}"],
      ["Purse.take", "arithmetic", "left -= amount + FEE", "left += amount + FEE"],
      ["Purse.take", "arithmetic", "left -= amount + FEE", "left = amount + FEE"],
      ["Purse.take", "arithmetic", "amount + FEE", "(amount - FEE)"],
      ["Purse.take", "boolean", "left == 0 && state != State.Shut", "(left == 0 || state != State.Shut)"],
      ["Purse.take", "boolean", "left == 0 && state != State.Shut", "left == 0"],
      ["Purse.take", "boolean", "left == 0 && state != State.Shut", "state != State.Shut"],
      ["Purse.take", "relational", "left == 0", "left != 0"],
      ["Purse.take", "constant", "0", "(0 + 1)"],
      ["Purse.take", "relational", "state != State.Shut", "state == State.Shut"],
      ["Purse.take", "constant", "State.Shut", "State.Open"],
      ["Purse.take", "assignment-deletion", "state = State.Shut;", "{}"],
      ["Purse.take", "constant", "State.Shut", "State.Open"],
      ["Purse.take", "call-deletion", "emit Taken(amount);", "{}"],
      ["Purse.take", "access-control", "onlyOwner", ""],
      ["Purse.word", "assignment-deletion", "value := add(7, 0x01)", "{}"],
      ["Purse.word", "arithmetic", "add(7, 0x01)", "sub(7, 0x01)"],
      ["Purse.word", "constant", "7", "8"],
      ["Purse.word", "constant", "7", "6"],
      ["Purse.word", "constant", "0x01", "2"],
      ["Purse.word", "constant", "0x01", "0"],
      ["Purse._requireOpen", "require-deletion", "require(state == State.Open, Purse_Shut());", "{}"],
      ["Purse._requireOpen", "relational", "state == State.Open", "state != State.Open"],
      ["Purse._requireOpen", "constant", "State.Open", "State.Shut"],
    ]);
  });

  test("are each named apart, with what is equal counted", () => {
    expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length);
    const equal = mutants.filter(({ replacement }) => replacement === "(amount - FEE)");
    expect(equal.map(({ ordinal }) => ordinal)).toEqual([0, 1]);
  });

  test("change nothing else, also after characters of many bytes", () => {
    const shut = mutants.find(
      ({ operator, function: name }) => operator === "call-deletion" && name === "Purse.take",
    );
    expect(shut!.mutated).toContain("As much is left: ≥ 0.");
    expect(shut!.mutated).toMatch(/state = State\.Shut;\n +\{\}\n {4}\}\n/);
  });
});

describe("the sample", () => {
  test("has the size asked for, or all", () => {
    expect(sampleOf(mutants, 10, 1)).toHaveLength(10);
    expect(sampleOf(mutants, 1_000, 1)).toHaveLength(mutants.length);
  });

  test("represents every operator in proportion, up to rounding", () => {
    const sample = sampleOf(mutants, 16, 1);
    for (const operator of new Set(mutants.map((mutant) => mutant.operator))) {
      const count = (list: typeof mutants) => list.filter((mutant) => mutant.operator === operator).length;
      expect(Math.abs(count(sample) - (count(mutants) * 16) / mutants.length)).toBeLessThanOrEqual(1);
    }
  });

  test("has no mutant twice, and follows the seed alone", () => {
    const idsOf = (seed: number) => sampleOf(mutants, 16, seed).map(({ id }) => id);
    expect(new Set(idsOf(1)).size).toBe(16);
    expect(idsOf(1)).toEqual(idsOf(1));
    expect(idsOf(1)).not.toEqual(idsOf(2));
  });
});
