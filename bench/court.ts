/**
 * What the court's rules come to under dishonest jurors, and what cheating pays: a simulation of over ten thousand cases,
 * the same each time.
 *
 *   npm run bench:court [-- --json]   JSON: everything measured
 *   npm run bench:court -- --update   also writes the tables and plots of docs/economics.md
 */
import { readFileSync, writeFileSync } from "node:fs";
import { measure } from "../test/simulation/measure.ts";
import { readConfig } from "./court/config.ts";
import { drawTables } from "./court/draws.ts";
import { economicsPage, markdownOf, textOf, withTable } from "./court/page.ts";
import { courtPlots } from "./court/plots.ts";
import { courtTables } from "./court/tables.ts";

const config = readConfig(process.argv.slice(2));
const measurements = measure();
const tables = { ...courtTables(measurements), ...drawTables() };

console.log(`${measurements.cases.toLocaleString("en")} cases. Amounts are in juror fees.`);
for (const table of Object.values(tables)) console.log(`\n${textOf(table)}`);

if (config.update) {
  let page = readFileSync(economicsPage, "utf8");
  for (const [name, table] of Object.entries(tables)) page = withTable(page, name, markdownOf(table));
  writeFileSync(economicsPage, page);
  for (const [name, svg] of Object.entries(courtPlots(measurements))) {
    writeFileSync(new URL(name, economicsPage), svg);
  }
}
if (config.json) console.log(JSON.stringify(measurements));
