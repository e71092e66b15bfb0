import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readSource } from "./compile.ts";
import { openProject } from "./project.ts";
import { tally } from "./report.ts";
import { Results } from "./results.ts";
import { attempt, type Verdict } from "./trial.ts";
import { Worker } from "./workers.ts";

const TESTS = "test/mutation/fixture/Purse.t.sol";
const project = openProject({ name: "Purse", sources: ["test/mutation/fixture/Purse.sol"], tests: [TESTS] });
const { mutants, code } = project;
const file = code[0]!;

const mutantOf = (operator: string, original: string) =>
  mutants.find((mutant) => mutant.operator === operator && mutant.original.includes(original))!;

describe.each([
  ["by compiling the tests with it", undefined],
  ["by putting it where tests compiled before look for it", ["test/mutation/fixture/Purse.sol:Purse"]],
])("a trial %s", (_, deployed) => {
  const tryContent = (content: string): Promise<Verdict> =>
    attempt({ override: { file, content }, groups: [[TESTS]], code, deployed });

  test("names the test that kills", async () => {
    const { mutated } = mutantOf("require-deletion", "revert Purse_TooMuch");
    const test = "test_take_refusesMoreThanIsLeft()";
    expect(await tryContent(mutated)).toEqual({ outcome: "killed", by: TESTS, test });
  });

  test("has the constructor's refusals and arguments", async () => {
    for (const original of ["require(amount != 0", "left = amount"]) {
      const { mutated } = mutants.find((mutant) => mutant.original.startsWith(original))!;
      expect(await tryContent(mutated)).toMatchObject({ outcome: "killed" });
    }
  });

  test("survives what no test looks at", async () => {
    expect(await tryContent(mutantOf("access-control", "onlyOwner").mutated)).toEqual({
      outcome: "survived",
    });
  });

  test("tells what does not compile", async () => {
    const stillborn = mutantOf("constant", "3").mutated.replace("(3 + 1)", '"three"');
    expect(await tryContent(stillborn)).toEqual({ outcome: "stillborn" });
  });

  test("tells what compiles to the same code", async () => {
    const same = mutantOf("constant", "3").mutated.replace("(3 + 1)", "(2 + 1)");
    expect(await tryContent(same)).toEqual({ outcome: "equivalent" });
  });
});

describe("a trial", () => {
  test("needs code by which to tell equal mutants", async () => {
    const trial = { override: { file, content: readSource(file) }, groups: [[TESTS]] };
    await expect(attempt({ ...trial, code: ["contracts/Endings.sol"] })).rejects.toThrow("no code");
  });

  test("of the original survives", async () => {
    expect(await attempt({ groups: [[TESTS]], code })).toEqual({ outcome: "survived" });
  });

  test("ends also if the mutant does not", async () => {
    const content = mutantOf("call-deletion", "emit Taken").mutated.replace("{}", "while (amount != 0) {}");
    const worker = new Worker(5_000);
    try {
      const verdict = await worker.try({ override: { file, content }, groups: [[TESTS]], code });
      expect(verdict).toEqual({ outcome: "killed", by: TESTS, test: "no end" });
    } finally {
      await worker.close();
    }
  }, 60_000);
});

describe("a project", () => {
  test("knows which contracts a file's code goes into", () => {
    expect([...project.deployed]).toEqual([[file, [`${file}:Purse`]]]);
  });

  test("has libraries go into tests too", () => {
    const sources = ["contracts/libraries/Pricing.sol"];
    const { deployed } = openProject({
      name: "",
      sources,
      tests: ["test/contracts/libraries/Pricing.t.sol"],
    });
    expect(deployed.size).toBe(0);
  });
});

describe("results", () => {
  const [mutant, other] = [mutants[0]!, mutants[1]!];
  const killed = { outcome: "killed", by: TESTS, test: "test_take_takesTheLast()" } as const;
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "mutation-"));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test("are there again in the next run, also after a line cut short", () => {
    new Results(project, folder).add(mutant, killed);
    appendFileSync(join(folder, "Purse.jsonl"), '{"id":"');
    const again = new Results(project, folder);
    expect(again.get(mutant.id)).toEqual(killed);
    expect(again.get(other.id)).toBeUndefined();
  });

  test("do not count once what they rest on has changed", () => {
    new Results(project, folder).add(mutant, killed);
    const changed = { ...project, fingerprintOf: () => "another" };
    expect(new Results(changed, folder).get(mutant.id)).toBeUndefined();
  });

  test("put the likeliest killers first", () => {
    const tests = ["test/Other.t.sol", "test/Killer.t.sol", "test/Take.t.sol"];
    const results = new Results({ ...project, tests, fingerprintOf: () => "" }, folder);
    expect(results.groupsFor("Purse.take")).toEqual([["test/Take.t.sol"], tests.slice(0, 2)]);
    results.add({ id: "", function: "Purse.take" }, { outcome: "killed", by: "test/Killer.t.sol", test: "" });
    expect(results.groupsFor("Purse.take")).toEqual([
      ["test/Killer.t.sol"],
      ["test/Take.t.sol"],
      ["test/Other.t.sol"],
    ]);
    expect(readFileSync(join(folder, "Purse.jsonl"), "utf8")).toMatch(/^\{.*\}\n$/);
  });

  test("score what differs: a survivor with a reason still counts, unless it is equivalent", () => {
    const survivor = { ...mutant, contract: "Purse", reason: "", equivalent: false };
    const verdicts = [
      [mutant, { outcome: "survived" }],
      [other, killed],
    ] as const;
    expect(tally("Purse", verdicts, new Map([[mutant.id, survivor]])).at(-1)).toMatchObject({
      mutants: 2,
      killed: 1,
      survived: 1,
      equivalent: 0,
    });
    const equivalent = new Map([[mutant.id, { ...survivor, equivalent: true }]]);
    expect(tally("Purse", verdicts, equivalent).at(-1)).toMatchObject({
      killed: 1,
      survived: 0,
      equivalent: 1,
    });
  });
});
