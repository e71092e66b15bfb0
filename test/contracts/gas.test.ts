import { describe, expect, test } from "vitest";
import { BYTECODE_LIMIT_BYTES, readBytecodeSizes } from "../../bench/gas/bytecodeSizes.ts";
import { type GasReport, measureGas } from "../../bench/gas/measureGas.ts";
import snapshot from "./gas.snapshot.json" with { type: "json" };

// Gas is exact: any difference is a change of the contracts or of the compiler. Run `npm run gas:update` to accept it.

/** What a whole one-lot job may cost, and each lot more of the same provider. */
const ONE_LOT_LIMIT = 320_000;
const FURTHER_LOT_LIMIT = 90_000;
/** An offer not yet used in the transaction costs a cold slot more: 2,100 to read and 2,700 to write. */
const OTHER_OFFER_LIMIT = 95_000;

const report: GasReport = await measureGas();
const sizes = readBytecodeSizes();

describe("gas", () => {
  test("is what the snapshot says", () => {
    const { bytecodeBytes: _, ...gas } = snapshot;
    expect(report).toEqual(gas);
  });

  test(`of a whole one-lot job is at most ${ONE_LOT_LIMIT}`, () => {
    expect(report.jobs.oneLot.total).toBeLessThanOrEqual(ONE_LOT_LIMIT);
  });

  test(`of a further lot of the same provider is at most ${FURTHER_LOT_LIMIT}`, () => {
    expect(report.furtherLot.ofOneOffer).toBeLessThanOrEqual(FURTHER_LOT_LIMIT);
  });

  test(`of a further lot under another offer is at most ${OTHER_OFFER_LIMIT}`, () => {
    expect(report.furtherLot.ofElevenOffersOfOneProvider).toBeLessThanOrEqual(OTHER_OFFER_LIMIT);
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
