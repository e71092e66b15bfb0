import { type CaseState, type CaseStatus, caseStatuses } from "@millrace/protocol";
import { zeroAddress } from "viem";
import { describe, expect, test } from "vitest";
import { choreOf, patienceSeconds } from "../../../provider-agent/src/court/chores.ts";

const DEADLINE = 1_000;
const PHASE_SECONDS = 100;

const state = (status: CaseStatus, changes: Partial<CaseState> = {}): CaseState => ({
  status,
  kind: "audit",
  verdict: "none",
  round: 0,
  redraws: [0, 0, 0],
  challenger: zeroAddress,
  deadline: DEADLINE,
  phaseSeconds: PHASE_SECONDS,
  challenges: 1,
  demands: 0,
  jurorFee: 1_000n,
  penaltyFees: 4,
  armedBlock: 1n,
  index: 0,
  ...changes,
});
const inTime = { now: DEADLINE, isRevealed: false };

// As docs/protocol.md has it: who must act does at t ≤ deadline.
describe("what anyone may do, and the first second of it", () => {
  test.each<[CaseStatus, string, number]>([
    ["demanded", "conclude", DEADLINE + 1],
    ["answered", "conclude", DEADLINE + 1],
    ["answer", "conclude", DEADLINE + PHASE_SECONDS + 1],
    ["evidence", "conclude", DEADLINE + 1],
    ["drawing", "draw", DEADLINE - PHASE_SECONDS],
    ["keys", "conclude", DEADLINE + 1],
    ["commit", "decide", DEADLINE + PHASE_SECONDS + 1],
    ["reveal", "decide", DEADLINE + 1],
    ["decided", "conclude", DEADLINE + 1],
    ["failed", "conclude", DEADLINE - PHASE_SECONDS],
  ])("%s: %s from %i", (status, what, from) => {
    expect(choreOf(state(status), inTime)).toEqual({ what, from });
  });

  test("a draw that lapsed is the end of the case", () => {
    expect(choreOf(state("drawing"), { ...inTime, now: DEADLINE + 1 })).toEqual({
      what: "conclude",
      from: DEADLINE + 1,
    });
  });

  test("votes that are all revealed are counted at once", () => {
    expect(choreOf(state("reveal"), { ...inTime, isRevealed: true }).from).toBeLessThan(DEADLINE);
  });

  test("the last jury's verdict cannot be appealed, so nobody waits for that", () => {
    expect(choreOf(state("decided", { round: 2 }), inTime).from).toBeLessThan(DEADLINE);
    expect(choreOf(state("decided", { round: 1 }), inTime).from).toBe(DEADLINE + 1);
  });

  test("there is one for every status that a case can have", () => {
    for (const status of caseStatuses) expect(choreOf(state(status), inTime)).toBeDefined();
  });
});

test("no two of a jury do a chore at the same time, and none waits for long", () => {
  const ranks = Array.from({ length: 24 }, (_, rank) => rank);
  for (const phaseSeconds of [1, 20, 36 * 3_600]) {
    const waits = ranks.map((rank) => patienceSeconds(state("decided", { phaseSeconds }), rank));
    expect(new Set(waits).size).toBe(waits.length);
    expect(waits.at(-1)).toBeLessThanOrEqual(2 * 3_600);
  }
});
