/**
 * Runs the Solidity tests under `forge coverage` and fails if less than 99 % of the lines or of the branches of our
 * contracts ran. One run gives both: forge counts the same lines as Hardhat's `--coverage`, in a quarter of its time,
 * and `markOutcomes` turns branches into lines.
 */
import { type FileCoverage, measureCoverage, type Place } from "./solidity/measureCoverage.ts";

const THRESHOLD = 0.99;

const measured = await measureCoverage();
const files = measured.filter(({ file, lines }) => !file.startsWith("contracts/mocks/") && lines.length > 0);
const total: FileCoverage = {
  file: "total",
  lines: files.flatMap(({ lines }) => lines),
  branches: files.flatMap(({ branches }) => branches),
};

const width = Math.max(...files.map(({ file }) => file.length));
for (const { file, lines, branches } of [...files, total]) {
  console.log(`${file.padEnd(width)}  lines ${show(lines)}  branches ${show(branches)}`);
  if (file === total.file) continue;
  for (const { line } of lines.filter(isMissed)) console.log(`  ${file}:${line}  never ran`);
  for (const { line, text } of branches.filter(isMissed)) console.log(`  ${file}:${line}  never: ${text}`);
}

const below = files.filter(({ lines, branches }) => isBelow(lines) || isBelow(branches));
if (below.length > 0) console.log(`Below ${THRESHOLD * 100} %: ${below.map(({ file }) => file).join(", ")}`);
process.exitCode = files.length > 0 && !isBelow(total.lines) && !isBelow(total.branches) ? 0 : 1;

function isMissed({ hits }: Place): boolean {
  return hits === 0;
}

function shareOf(places: readonly Place[]): number {
  return places.length === 0 ? 1 : 1 - places.filter(isMissed).length / places.length;
}

function isBelow(places: readonly Place[]): boolean {
  return shareOf(places) < THRESHOLD;
}

function show(places: readonly Place[]): string {
  // Rounded down, so that 100 % means all.
  const percent = (Math.floor(shareOf(places) * 10_000) / 100).toFixed(2).padStart(6);
  return `${percent} % of ${String(places.length).padStart(3)}`;
}
