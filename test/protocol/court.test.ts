import {
  caseKinds,
  caseStatuses,
  drawnBefore,
  juryIdOf,
  unpackDocket,
  verdicts,
  voteCommitmentOf,
} from "@millrace/protocol";
import fc from "fast-check";
import { encodeAbiParameters, type Hex, keccak256, numberToHex, parseAbiParameters } from "viem";
import { describe, expect, test } from "vitest";

const lotId = numberToHex(5, { size: 32 });
const upTo = (bits: number) => fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n });
const words = (...values: (Hex | number)[]) =>
  keccak256(
    `0x${values.map((v) => (typeof v === "number" ? numberToHex(v, { size: 32 }) : v).slice(2)).join("")}`,
  );

/** A word with fields from its lowest bit up, as contracts/types/Case.sol lists them. */
function pack(fields: readonly (readonly [value: bigint, bits: number])[]): bigint {
  let offset = 0;
  return fields.reduce((word, [value, bits]) => {
    const shifted = value << BigInt(offset);
    offset += bits;
    return word | shifted;
  }, 0n);
}

test("a docket is read as the contract packs it", () => {
  const numbers = fc.tuple(
    upTo(160),
    upTo(40),
    upTo(24),
    upTo(2),
    upTo(2),
    upTo(2),
    upTo(2),
    upTo(96),
    upTo(24),
    upTo(40),
    upTo(32),
    upTo(8),
    upTo(16),
  );
  const status = fc.nat({ max: caseStatuses.length - 1 });
  const kind = fc.nat({ max: caseKinds.length - 1 });
  const verdict = fc.nat({ max: verdicts.length - 1 });
  const redraws = fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 }), fc.nat({ max: 3 }));
  fc.assert(
    fc.property(numbers, status, kind, verdict, redraws, (n, status, kind, verdict, redraws) => {
      const [
        challenger,
        deadline,
        phase,
        round,
        challenges,
        demands,
        ,
        fee,
        window,
        armed,
        index,
        covered,
        penalty,
      ] = n;
      const head = pack([
        [challenger, 160],
        [deadline, 40],
        [phase, 24],
        [BigInt(status), 4],
        [BigInt(kind), 2],
        [BigInt(verdict), 2],
        [round, 2],
        ...redraws.map((times) => [BigInt(times), 2] as const),
        [challenges, 2],
        [demands, 2],
      ]);
      const terms = pack([
        [fee, 96],
        [window, 24],
        [armed, 40],
        [index, 32],
        [covered, 8],
        [penalty, 16],
      ]);
      expect(unpackDocket({ head, terms })).toEqual({
        status: caseStatuses[status],
        kind: caseKinds[kind],
        verdict: verdicts[verdict],
        round: Number(round),
        redraws,
        challenger: numberToHex(challenger, { size: 20 }),
        deadline: Number(deadline),
        phaseSeconds: Number(phase),
        challenges: Number(challenges),
        demands: Number(demands),
        jurorFee: fee,
        penaltyFees: Number(penalty),
        armedBlock: armed,
        index: Number(index),
      });
    }),
  );
});

describe("juries", () => {
  test.each([
    { round: 0, redraws: [0, 0, 0], drawn: 0 },
    { round: 0, redraws: [2, 0, 0], drawn: 10 },
    { round: 1, redraws: [0, 0, 0], drawn: 5 },
    { round: 1, redraws: [1, 1, 0], drawn: 21 },
    { round: 2, redraws: [2, 1, 2], drawn: 15 + 22 + 46 },
  ] as const)(
    "of round $round, drawn anew $redraws times, come after $drawn seats",
    ({ drawn, ...state }) => {
      expect(drawnBefore(state)).toBe(drawn);
      expect(juryIdOf(lotId, { ...state, challenges: 2 })).toBe(words(words(lotId, 2), drawn));
    },
  );
});

test("a vote is committed to as the contract opens it", () => {
  fc.assert(
    fc.property(upTo(32), fc.integer({ min: -32_768, max: 32_767 }), upTo(256), (seat, vote, saltValue) => {
      const salt = numberToHex(saltValue, { size: 32 });
      const types = parseAbiParameters("bytes32, uint32, int16, bytes32");
      const preimage = encodeAbiParameters(types, [lotId, Number(seat), vote, salt]);
      const commitment = voteCommitmentOf({ juryId: lotId, seatId: Number(seat), vote, salt });
      expect(commitment).toBe(keccak256(preimage));
    }),
  );
});
