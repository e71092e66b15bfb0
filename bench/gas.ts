/**
 * What our contracts cost in gas and bytes, to the gas, beside what the peers' cost.
 *
 *   npm run bench:gas [-- --json]
 *   npm run gas:update            also writes the committed snapshot
 */
import { writeFileSync } from "node:fs";
import { BYTECODE_LIMIT_BYTES, readBytecodeSizes } from "./gas/bytecodeSizes.ts";
import { readConfig } from "./gas/config.ts";
import { measureGas } from "./gas/measureGas.ts";
import { peers } from "./gas/peers.ts";

const config = readConfig(process.argv.slice(2));
const { jobs, furtherLot, functions } = await measureGas();
const bytecodeBytes = readBytecodeSizes();

const row = (name: string, ...cells: (number | undefined)[]) =>
  console.log(
    name.padEnd(50) + cells.map((cell) => (cell?.toLocaleString("en") ?? "–").padStart(14)).join(""),
  );

console.log("Gas of one paid job, open to pay, and of each further lot or job\n");
row("Millrace, a lot of any number of items", jobs.oneLot.total, furtherLot.ofOneOffer);
row("  further lots under other offers, one provider", undefined, furtherLot.ofElevenOffersOfOneProvider);
row("  further lots of other providers", undefined, furtherLot.ofElevenProviders);
for (const { name, oneJob, furtherJob } of peers) row(name, oneJob, furtherJob);
console.log("\nGas of single calls, with their 21,000 and calldata\n");
for (const [name, gas] of Object.entries(functions)) row(name, gas);
console.log(`\nBytes as deployed, of ${BYTECODE_LIMIT_BYTES} allowed\n`);
for (const [name, bytes] of Object.entries(bytecodeBytes)) row(name, bytes);

const snapshot = { jobs, furtherLot, functions, bytecodeBytes };
if (config.update) {
  const file = new URL("../test/contracts/gas.snapshot.json", import.meta.url);
  writeFileSync(file, `${JSON.stringify(snapshot, null, 2)}\n`);
}
if (config.json) console.log(JSON.stringify({ ...snapshot, peers }));
