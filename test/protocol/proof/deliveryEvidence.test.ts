import { decodeDeliveryEvidence, encodeDeliveryEvidence, type Job, PositionalTree } from "@millrace/protocol";
import fc from "fast-check";
import { type Hex, numberToHex, stringToBytes } from "viem";
import { describe, expect, test } from "vitest";

const hashAt = (value: number): Hex => numberToHex(value, { size: 32 });
const leaves = Array.from({ length: 20 }, (_, index) => hashAt(index + 1));
const tree = new PositionalTree(leaves);
const job = { request: { inputRoot: tree.root, itemCount: 20 } } as Pick<Job, "request">;
const lot = { firstItem: 5, itemCount: 7 };
const evidence = { inputLeaves: leaves.slice(5, 12), proof: tree.rangeProof(5, 7) };

describe("evidence of a delivery", () => {
  test("comes out as it went in", () => {
    expect(decodeDeliveryEvidence(encodeDeliveryEvidence(evidence), { lot, job })).toEqual(evidence);
  });

  test("any other leaf, hash of the proof or range is refused", () => {
    const places = fc.nat({ max: evidence.inputLeaves.length + evidence.proof.length - 1 });
    fc.assert(
      fc.property(places, (place) => {
        const { inputLeaves, proof } = evidence;
        const spoilt =
          place < inputLeaves.length
            ? { inputLeaves: inputLeaves.with(place, hashAt(99)), proof }
            : { inputLeaves, proof: proof.with(place - inputLeaves.length, hashAt(99)) };
        expect(() => decodeDeliveryEvidence(encodeDeliveryEvidence(spoilt), { lot, job })).toThrow(
          expect.objectContaining({ code: "invalid-bundle" }),
        );
      }),
    );
    for (const other of [
      { firstItem: 4, itemCount: 7 },
      { firstItem: 5, itemCount: 6 },
    ]) {
      expect(() => decodeDeliveryEvidence(encodeDeliveryEvidence(evidence), { lot: other, job })).toThrow(
        expect.objectContaining({ code: "invalid-bundle" }),
      );
    }
  });

  test.each([
    ["no JSON", "{"],
    ["no object", "7"],
    ["another version", JSON.stringify({ ...evidence, version: 2 })],
    ["no leaves", JSON.stringify({ version: 1, proof: [] })],
    ["leaves that are no hashes", JSON.stringify({ version: 1, inputLeaves: ["0x01"], proof: [] })],
  ])("%s is refused", (_, text) => {
    expect(() => decodeDeliveryEvidence(stringToBytes(text), { lot, job })).toThrow(
      expect.objectContaining({ code: "invalid-bundle" }),
    );
  });
});
