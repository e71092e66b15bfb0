import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { BYTECODE_LIMIT_BYTES, readBytecodeSizes } from "../../bench/gas/bytecodeSizes.ts";
import { gasPage, gasTable, gasTableIn } from "../../bench/gas/gasTable.ts";
import { type GasFigures, type GasReport, gasLimits, measureGas } from "../../bench/gas/measureGas.ts";
import snapshot from "./gas.snapshot.json" with { type: "json" };

// Gas is exact: any difference is a change of the contracts or of the compiler. Run `npm run gas:update` to accept it.

const report: GasReport = await measureGas();
const sizes = readBytecodeSizes();

describe("gas", () => {
  test("is what the snapshot says", () => {
    const { bytecodeBytes: _, ...gas } = snapshot;
    expect(report).toEqual(gas);
  });

  test.each(Object.entries(gasLimits))("of %s is at most %d", (name, limit) => {
    expect(report.figures[name as keyof GasFigures]).toBeLessThanOrEqual(limit);
  });

  test("is what docs/protocol.md says", () => {
    expect(gasTableIn(readFileSync(gasPage, "utf8"))).toBe(gasTable(report.functions));
  });

  test("of a lot in a batch of fifty is below that of a lot alone", () => {
    expect(report.functions.acceptFiftyLots! / 50).toBeLessThan(report.jobs.oneLot.accept / 2);
    expect(report.functions.submitFiftyLots! / 50).toBeLessThan(report.jobs.oneLot.submit);
  });
});

describe("bytecode", () => {
  test("is as long as the snapshot says", () => {
    expect(sizes).toEqual(snapshot.bytecodeBytes);
  });

  test.each(Object.entries(sizes))("of %s is shorter than a chain allows", (_, bytes) => {
    expect(bytes).toBeLessThan(BYTECODE_LIMIT_BYTES);
  });
});
