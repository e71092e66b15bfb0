/**
 * Runs every test there is, Solidity and TypeScript (in a browser too, where there is one), names those that failed once more, and ends in one line
 * `N passed, N failed`; the exit status is 1 if any failed. With arguments: Vitest alone, on them.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { findChromium } from "../test/browser/harness/findChromium.ts";

interface Outcome {
  passed: number;
  failed: number;
  /** The names of tests that failed, with the first line of the reason. */
  failures: string[];
}

/** What Vitest's JSON reporter writes, as far as it is read here. */
interface VitestRun {
  numTotalTests: number;
  numPassedTests: number;
  testResults: {
    name: string;
    message: string;
    status: string;
    assertionResults: { fullName: string; status: string; failureMessages: string[] | null }[];
  }[];
}

/** What Hardhat's task of Solidity tests returns, untyped as every task does. */
interface SolidityRun {
  suiteResults: { id: { name: string }; testResults: { name: string; status: string; reason?: string }[] }[];
}

const root = join(import.meta.dirname, "..");
const filters = process.argv.slice(2);
const hasChromium = findChromium() !== undefined;

// Hardhat finds its project by the working directory.
process.chdir(root);
const outcomes = filters.length > 0 ? [] : [await runSolidity()];
outcomes.push(await runVitest(hasChromium ? filters : [...filters, "--project=!browser"]));

const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0);
for (const failure of outcomes.flatMap(({ failures }) => failures)) console.log(`FAILED ${failure}`);
if (!hasChromium) {
  console.log(
    "Left out: the tests of the dashboard in a browser, for there is no Chromium here. Install it" +
      " (apt-get install -y chromium), or name one in CHROMIUM_PATH.",
  );
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);

async function runSolidity(): Promise<Outcome> {
  try {
    const { default: hre } = await import("hardhat");
    const result = await hre.tasks.getTask(["test", "solidity"]).run({});
    const { suiteResults }: SolidityRun = result.success ? result.value : result.error;
    // Not by the summary, which is all zeros.
    const tests = suiteResults.flatMap(({ id, testResults }) =>
      testResults.map((test) => ({ suite: id.name, test })),
    );
    const bad = tests.filter(({ test }) => test.status !== "Success");
    const failures = bad.map(({ suite, test }) => `${suite} ${test.name}: ${test.reason ?? ""}`);
    const passed = tests.length - bad.length;
    return count(passed, failures, bad.length, result.success && passed > 0);
  } catch (error) {
    console.error(error);
    return count(0, [`Solidity tests: ${error}`], 1, false);
  }
}

async function runVitest(args: readonly string[]): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-test-"));
  try {
    const file = join(folder, "outcome.json");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    const vitest = join(root, "node_modules/vitest/vitest.mjs");
    const child = spawn(process.execPath, [vitest, "run", ...reporters, ...args], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => child.kill(signal));
    const [code] = await once(child, "exit");
    const run = JSON.parse(await readFile(file, "utf8").catch(() => "{}")) as Partial<VitestRun>;
    const { numTotalTests = 0, numPassedTests = 0, testResults = [] } = run;
    const failures = testResults.flatMap(({ name, status, message, assertionResults }) => {
      const bad = assertionResults.filter((test) => test.status !== "passed");
      const reasons = bad.map(
        (test) => `${test.fullName}: ${firstLine(test.failureMessages?.[0] ?? test.status)}`,
      );
      if (status === "failed" && bad.length === 0) reasons.push(firstLine(message));
      return reasons.map((reason) => `${relative(root, name)} ${reason}`);
    });
    // What neither passed nor failed was skipped, and nothing is to be skipped.
    return count(numPassedTests, failures, numTotalTests - numPassedTests, code === 0);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A run that failed without naming a test, such as a file that cannot be loaded, counts as one failure. */
function count(passed: number, failures: string[], failed: number, isSuccess: boolean): Outcome {
  return { passed, failures, failed: isSuccess ? failed : Math.max(failed, 1) };
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]!;
}
