/**
 * Runs every test there is, Solidity and TypeScript, and ends in one line `N passed, N failed`; the exit status is 1
 * if any failed. With arguments: Vitest alone, on them.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Outcome {
  passed: number;
  failed: number;
}

/** What Hardhat's task of Solidity tests returns, untyped as every task does. */
interface SolidityRun {
  suiteResults: { testResults: { status: string }[] }[];
}

const root = join(import.meta.dirname, "..");
const filters = process.argv.slice(2);

// Hardhat finds its project by the working directory.
process.chdir(root);
const outcomes = filters.length > 0 ? [] : [await runSolidity()];
outcomes.push(await runVitest(filters));

const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);

async function runSolidity(): Promise<Outcome> {
  try {
    const { default: hre } = await import("hardhat");
    const result = await hre.tasks.getTask(["test", "solidity"]).run({});
    const { suiteResults }: SolidityRun = result.success ? result.value : result.error;
    // Not by the summary, which is all zeros.
    const statuses = suiteResults.flatMap(({ testResults }) => testResults.map(({ status }) => status));
    const passed = statuses.filter((status) => status === "Success").length;
    return count(passed, statuses.length - passed, result.success && passed > 0);
  } catch (error) {
    console.error(error);
    return count(0, 0, false);
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
    const text = await readFile(file, "utf8").catch(() => "{}");
    const { numTotalTests = 0, numPassedTests = 0 } = JSON.parse(text) as Partial<Record<string, number>>;
    // What neither passed nor failed was skipped, and nothing is to be skipped.
    return count(numPassedTests, numTotalTests - numPassedTests, code === 0);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A run that failed without naming a test, such as a file that cannot be loaded, counts as one failure. */
function count(passed: number, failed: number, isSuccess: boolean): Outcome {
  return { passed, failed: isSuccess ? failed : Math.max(failed, 1) };
}
