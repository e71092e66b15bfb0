/**
 * Runs the Solidity tests with many more inputs, then says how often each handler function went through and how often
 * the market refused it, so that a function that no longer gets anywhere shows.
 *
 *   npm run fuzz [-- --grep PATTERN]
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";

// Written by MarketInvariantTest.afterInvariant, a line for each function and run.
const report = new URL("../../../cache/tests/fuzz/calls.txt", import.meta.url);
rmSync(report, { force: true });
mkdirSync(new URL(".", report), { recursive: true });

const root = new URL("../../../", import.meta.url);
const args = ["test", "solidity", "--test-profile", "long", ...process.argv.slice(2)];
const { status } = spawnSync("hardhat", args, { cwd: root, stdio: "inherit" });

const calls = new Map<string, { succeeded: number; reverted: number }>();
// Tests run side by side: a line may be written into the middle of another's end.
for (const [, name, succeeded, reverted] of readFileSync(report, "utf8").matchAll(
  /([a-zA-Z]+) (\d+) (\d+)/g,
)) {
  const sum = calls.get(name!) ?? { succeeded: 0, reverted: 0 };
  calls.set(name!, {
    succeeded: sum.succeeded + Number(succeeded),
    reverted: sum.reverted + Number(reverted),
  });
}
console.log(`\n${"handler function".padEnd(20)}${"succeeded".padStart(12)}${"reverted".padStart(12)}`);
for (const [name, { succeeded, reverted }] of [...calls].sort(([a], [b]) => a.localeCompare(b))) {
  console.log(name.padEnd(20) + String(succeeded).padStart(12) + String(reverted).padStart(12));
}
const idle = [...calls].filter(([, { succeeded }]) => succeeded === 0).map(([name]) => name);
if (idle.length > 0) console.log(`\nnever went through: ${idle.join(", ")}`);
process.exitCode = status === 0 && idle.length > 0 ? 1 : (status ?? 1);
