/**
 * What our contracts cost in gas and bytes, to the gas, beside what the peers' cost.
 *
 *   npm run bench:gas [-- --json]   JSON: the figures that have limits, and the peers'
 *   npm run gas:update            also writes the committed snapshot
 */
import { readFileSync, writeFileSync } from "node:fs";
import { BYTECODE_LIMIT_BYTES, readBytecodeSizes } from "./gas/bytecodeSizes.ts";
import { readConfig } from "./gas/config.ts";
import { gasPage, gasTable, withGasTable } from "./gas/gasTable.ts";
import { type GasFigures, gasLimits, measureGas } from "./gas/measureGas.ts";
import { peers } from "./gas/peers.ts";

const config = readConfig(process.argv.slice(2));
const report = await measureGas();
const { figures, furtherLot, cases, functions } = report;
const bytecodeBytes = readBytecodeSizes();

const row = (name: string, ...cells: (number | undefined)[]) =>
  console.log(
    name.padEnd(50) +
      cells
        .map((cell) => (cell === undefined ? "–" : Math.ceil(cell).toLocaleString("en")).padStart(14))
        .join(""),
  );

console.log("Gas of one paid job, open to pay, and of each further lot or job\n");
row("Millrace, a lot of any number of items", figures.oneLotJob, figures.nextLot);
row("  further lots under other offers, one provider", undefined, furtherLot.ofElevenOffersOfOneProvider);
row("  further lots of other providers", undefined, furtherLot.ofElevenProviders);
for (const { name, oneJob, furtherJob } of peers) row(name, oneJob, furtherJob);
console.log("\nGas, and how much it may be at most\n");
for (const [name, limit] of Object.entries(gasLimits)) row(name, figures[name as keyof GasFigures], limit);
const names = ["fault", "rejected", "item", "delivery"] as const;
const steps = new Set(names.flatMap((name) => Object.keys(cases[name].steps)));
console.log("\nGas of a whole case before five jurors\n");
console.log(" ".repeat(50) + names.map((name) => name.padStart(14)).join(""));
for (const step of steps) row(step, ...names.map((name) => cases[name].steps[step]));
row("in all", ...names.map((name) => cases[name].total));
console.log("\nGas of single calls, with their 21,000 and calldata\n");
for (const [name, gas] of Object.entries(functions)) row(name, gas);
console.log(`\nBytes as deployed, of ${BYTECODE_LIMIT_BYTES} allowed\n`);
for (const [name, bytes] of Object.entries(bytecodeBytes)) row(name, bytes);

if (config.update) {
  const file = new URL("../test/contracts/gas.snapshot.json", import.meta.url);
  writeFileSync(file, `${JSON.stringify({ ...report, bytecodeBytes }, null, 2)}\n`);
  const page = readFileSync(gasPage, "utf8");
  writeFileSync(gasPage, withGasTable(page, gasTable(functions)));
}
if (config.json) console.log(JSON.stringify({ ...figures, peers }));
