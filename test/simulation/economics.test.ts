import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { drawTables } from "../../bench/court/draws.ts";
import { economicsPage, markdownOf, tableIn } from "../../bench/court/page.ts";
import { courtPlots } from "../../bench/court/plots.ts";
import { courtTables } from "../../bench/court/tables.ts";
import { netGain } from "./cheating.ts";
import { measure } from "./measure.ts";

// Run `npm run bench:court -- --update` to accept a change of the rules or of what is assumed.

const measurements = measure();
const page = readFileSync(economicsPage, "utf8");

test("runs more than ten thousand cases", () => {
  expect(measurements.cases).toBeGreaterThan(10_000);
});

test.each(Object.entries({ ...courtTables(measurements), ...drawTables() }))(
  "the page has the table of %s",
  (name, table) => {
    expect(tableIn(page, name)).toBe(markdownOf(table));
  },
);

test.each(Object.entries(courtPlots(measurements)))("%s is beside the page", (name, svg) => {
  expect(readFileSync(new URL(name, economicsPage), "utf8")).toBe(svg);
  expect(page).toContain(`](${name})`);
});

test("honest jurors slash no honest provider, pay no cheat, and are paid", () => {
  for (const cell of measurements.honest) {
    expect(cell.wrong).toBe(0);
    expect(cell.honestPay).toBeGreaterThan(0.95);
  }
});

test("three seats of ten corrupt a few verdicts of a hundred at most", () => {
  for (const cell of measurements.cells.filter(({ share }) => share <= 0.3))
    expect(cell.wrong, cell.strategy).toBeLessThan(0.04);
});

test("no strategy of three seats of ten earns what honesty does, in cases of which half have a fault", () => {
  for (const { strategy } of measurements.cells) {
    const cells = measurements.cells.filter((cell) => cell.strategy === strategy && cell.share === 0.3);
    if (cells.length < 2) continue;
    const mean = cells.reduce((sum, { otherPay }) => sum + otherPay, 0) / cells.length;
    expect(mean, strategy).toBeLessThan(0.5);
  }
});

test("what is simulated of cheats is what the formula says, within four standard errors", () => {
  for (const { fraction, samples, formula, simulated } of measurements.cheating.caught) {
    const error = Math.sqrt((formula * (1 - formula)) / 200) + 0.005;
    expect(Math.abs(simulated - formula), `${fraction} ${samples}`).toBeLessThan(4 * error);
  }
});

test("no cheat gains in a lot that is audited at all, at full collateral", () => {
  for (const { fraction, formula } of measurements.cheating.caught) {
    expect(netGain(fraction, formula, 1)).toBeLessThan(0);
  }
});
