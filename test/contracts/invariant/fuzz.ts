/**
 * Runs the Solidity tests with many more inputs, then says how often each handler function went through and how often
 * it was refused, so that a million refusals cannot pass for a million tries.
 *
 *   npm run fuzz [-- --grep PATTERN]
 *
 * Without a pattern it fails if all invariants together had fewer than a million calls.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";

const LEAST_CALLS = 1_000_000;

// Written by `afterInvariant` of each invariant test: for each run, "name succeeded reverted" of each function.
const report = new URL("../../../cache/tests/fuzz/calls.txt", import.meta.url);
rmSync(report, { force: true });
mkdirSync(new URL(".", report), { recursive: true });

const root = new URL("../../../", import.meta.url);
const args = process.argv.slice(2);
const startMs = performance.now();
const { status } = spawnSync("hardhat", ["test", "solidity", "--test-profile", "long", ...args], {
  cwd: root,
  stdio: "inherit",
});

const calls = new Map<string, { succeeded: number; reverted: number }>();
// Tests run side by side: a line may be written into the middle of another's end.
for (const [, name, succeeded, reverted] of readFileSync(report, "utf8").matchAll(
  /([a-zA-Z.]+) (\d+) (\d+)/g,
)) {
  const sum = calls.get(name!) ?? { succeeded: 0, reverted: 0 };
  calls.set(name!, {
    succeeded: sum.succeeded + Number(succeeded),
    reverted: sum.reverted + Number(reverted),
  });
}

const row = (name: string, succeeded: number | string, reverted: number | string) =>
  console.log(name.padEnd(28) + String(succeeded).padStart(12) + String(reverted).padStart(12));
console.log();
row("handler function", "succeeded", "reverted");
let succeededCalls = 0;
let revertedCalls = 0;
for (const [name, { succeeded, reverted }] of [...calls].sort(([a], [b]) => a.localeCompare(b))) {
  row(name, succeeded, reverted);
  succeededCalls += succeeded;
  revertedCalls += reverted;
}
row("all", succeededCalls, revertedCalls);
console.log(`\n${Math.round((performance.now() - startMs) / 1_000)} s`);

const idle = [...calls].filter(([, { succeeded }]) => succeeded === 0).map(([name]) => name);
const tooFew = args.length === 0 && succeededCalls + revertedCalls < LEAST_CALLS;
if (idle.length > 0) console.log(`never went through: ${idle.join(", ")}`);
if (tooFew) console.log(`fewer than ${LEAST_CALLS} calls`);
process.exitCode = status === 0 && (idle.length > 0 || tooFew) ? 1 : (status ?? 1);
