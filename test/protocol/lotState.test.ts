import { type LotStatus, lotStatuses, unpackLotState } from "@millrace/protocol";
import { toHex } from "viem";
import { expect, test } from "vitest";

/** As contracts/types/Lot.sol packs it. */
const pack = (status: LotStatus, timestamp: bigint, content: bigint): bigint =>
  BigInt(lotStatuses.indexOf(status)) | (timestamp << 8n) | (content << 48n);

const NO_COMMITMENT = toHex(0, { size: 26 });

test.each(["submitted", "demanded", "challenged"] as const)("a lot that is %s has a commitment", (status) => {
  const content = 2n ** 208n - 2n;
  expect(unpackLotState(pack(status, 1_800_000_000n, content))).toEqual({
    status,
    timestamp: 1_800_000_000,
    commitment: toHex(content, { size: 26 }),
    escrow: 0n,
  });
});

test("an open lot has the escrow that is still locked", () => {
  expect(unpackLotState(pack("open", 2n ** 40n - 1n, 2n ** 96n - 1n))).toEqual({
    status: "open",
    timestamp: 2 ** 40 - 1,
    commitment: NO_COMMITMENT,
    escrow: 2n ** 96n - 1n,
  });
});

test.each(["none", "assigned"] as const)("a lot that is %s has nothing but that", (status) => {
  expect(unpackLotState(pack(status, 0n, 0n))).toEqual({
    status,
    timestamp: 0,
    commitment: NO_COMMITMENT,
    escrow: 0n,
  });
});
