import {
  blobKinds,
  blobPath,
  decodeLot,
  encodeLot,
  type Lot,
  lotIdOf,
  randomSecret,
} from "@millrace/protocol";
import { maxUint256, numberToHex } from "viem";
import { describe, expect, test } from "vitest";
import { type HashCase, readVectors, revive } from "./vectors.ts";

const vectors = readVectors<{ lot: HashCase[] }>("hashes");

// putBlob and getBlob are tested against a real relay in test/relay.

describe("encodeLot", () => {
  test.each(vectors.lot.slice(0, 1))("is read back by decodeLot", ({ input, hash }) => {
    const lot = revive<Lot>(input);
    const decoded = decodeLot(encodeLot(lot));
    expect(decoded).toEqual(lot);
    expect(lotIdOf(decoded)).toBe(hash);
  });
});

describe("blobPath", () => {
  test("names a blob in lower case, each kind apart", () => {
    const key = {
      chainId: 31337,
      market: "0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0",
      jobId: numberToHex(1, { size: 32 }),
      lotId: numberToHex(maxUint256, { size: 32 }),
      author: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
    } as const;
    const paths = blobKinds.map((kind) => blobPath({ ...key, kind }));
    expect(new Set(paths).size).toBe(blobKinds.length);
    for (const path of paths) {
      expect(path).toBe(path.toLowerCase());
      expect(path.split("/")).toHaveLength(9);
    }
  });
});

describe("randomSecret", () => {
  test("is 32 bytes, never the same", () => {
    const secrets = Array.from({ length: 100 }, randomSecret);
    expect(new Set(secrets).size).toBe(100);
    for (const secret of secrets) expect(secret).toMatch(/^0x[0-9a-f]{64}$/);
  });
});
