import { describe, expect, test } from "vitest";
import { courtRules, NO_EVIDENCE } from "./rules.ts";
import { type Ballot, decide, meritOf } from "./votes.ts";

const verdictOf = (...ballots: Ballot[]) => decide(ballots, false, courtRules).verdict;

describe("decide", () => {
  test("behavior: no verdict without more than half of the jury", () => {
    expect(decide([300, 300, null, null, null], false, courtRules)).toEqual({
      verdict: "none",
      median: null,
    });
  });

  test("behavior: the zone is open at both ends", () => {
    expect(verdictOf(37, 37, 37, 37, 37)).toBe("fault");
    expect(verdictOf(36, 36, 36, 36, 36)).toBe("inconclusive");
    expect(verdictOf(-63, -63, -63, -63, -63)).toBe("inconclusive");
    expect(verdictOf(-64, -64, -64, -64, -64)).toBe("rejected");
  });

  test("behavior: the lower of two middle votes decides", () => {
    expect(verdictOf(-64, -64, 300, 300, null)).toBe("rejected");
    expect(verdictOf(-64, 300, 300, 300, null)).toBe("fault");
  });

  test("behavior: a majority without evidence decides against who owed it", () => {
    const ballots = [300, 300, NO_EVIDENCE, NO_EVIDENCE, NO_EVIDENCE];
    expect(decide(ballots, false, courtRules)).toEqual({ verdict: "rejected", median: NO_EVIDENCE });
    expect(decide(ballots, true, courtRules)).toEqual({ verdict: "fault", median: NO_EVIDENCE });
  });

  test("behavior: two of five do not decide by withholding keys", () => {
    const ballots = [300, 300, -96, NO_EVIDENCE, NO_EVIDENCE];
    expect(decide(ballots, false, courtRules).verdict).toBe("rejected");
    expect(decide(ballots, true, courtRules).verdict).toBe("fault");
  });
});

describe("meritOf", () => {
  const fault = { verdict: "fault", median: 250 } as const;
  const rejected = { verdict: "rejected", median: -96 } as const;

  test("behavior: absent jurors are penalised whatever the verdict", () => {
    for (const final of [fault, rejected]) expect(meritOf(null, final, courtRules)).toBe("penalised");
  });

  test("behavior: who is within the band is paid, who is beyond is not", () => {
    expect(meritOf(250 + 32, fault, courtRules)).toBe("paid");
    expect(meritOf(250 - 32, fault, courtRules)).toBe("paid");
    expect(meritOf(250 + 33, fault, courtRules)).toBe("none");
    expect(meritOf(250 - 33, fault, courtRules)).toBe("none");
  });

  test("behavior: the opposite side is penalised, the zone is not", () => {
    const near = { verdict: "fault", median: 60 } as const;
    expect(meritOf(-64, near, courtRules)).toBe("penalised");
    expect(meritOf(-63, near, courtRules)).toBe("none");
    expect(meritOf(37, rejected, courtRules)).toBe("penalised");
    expect(meritOf(31, rejected, courtRules)).toBe("none");
  });

  test("behavior: the zone is penalised more than two octaves from the median", () => {
    expect(meritOf(36, { verdict: "fault", median: 164 }, courtRules)).toBe("none");
    expect(meritOf(36, { verdict: "fault", median: 165 }, courtRules)).toBe("penalised");
    expect(meritOf(32, rejected, courtRules)).toBe("none");
    expect(meritOf(33, rejected, courtRules)).toBe("penalised");
  });

  test("behavior: the verdict's own side is never penalised, however far", () => {
    expect(meritOf(32_767, fault, courtRules)).toBe("none");
    expect(meritOf(-32_766, rejected, courtRules)).toBe("none");
  });

  test("behavior: no evidence is never penalised, and paid where it won", () => {
    expect(meritOf(NO_EVIDENCE, fault, courtRules)).toBe("none");
    expect(meritOf(NO_EVIDENCE, { verdict: "rejected", median: NO_EVIDENCE }, courtRules)).toBe("paid");
    expect(meritOf(37, { verdict: "rejected", median: NO_EVIDENCE }, courtRules)).toBe("penalised");
    expect(meritOf(-96, { verdict: "rejected", median: NO_EVIDENCE }, courtRules)).toBe("none");
  });

  test("behavior: all who revealed are paid where nobody is right", () => {
    expect(meritOf(300, { verdict: "inconclusive", median: 0 }, courtRules)).toBe("paid");
    expect(meritOf(-96, { verdict: "none", median: null }, courtRules)).toBe("paid");
  });
});
