import { type ItemResult, type ModelClass, type Tolerance, verdicts } from "@millrace/protocol";
import { uncalibratedClass } from "@millrace/provider-agent";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../agent/eventually.ts";
import { type Courtroom, modelClass, openCourtroom, provider } from "./courtroom.ts";
import { Dispute, requests } from "./dispute.ts";

const PHASE_SECONDS = 60;
let room: Courtroom;

beforeAll(async () => {
  room = await openCourtroom({ courtParameters: { phaseSeconds: PHASE_SECONDS } });
});
afterAll(() => room[Symbol.asyncDispose]());

/** Changes one token in the middle of every output. */
function editTokens(results: ItemResult[]): void {
  for (const result of results) {
    const tokenIds = [...result.tokenIds];
    const middle = Math.floor(tokenIds.length / 2);
    tokenIds[middle] = tokenIds[middle]! === 300 ? 301 : 300;
    result.tokenIds = tokenIds;
  }
}

async function decided(dispute: Dispute) {
  await eventually(async () => (await room.events("VoteRevealed", dispute.lotId)).length).toBe(5);
  await dispute.decide();
  const [log] = await room.events("CaseDecided", dispute.lotId);
  return { verdict: verdicts[log!.args.verdict], median: log!.args.median };
}

describe("no seat is taken", () => {
  const taken = async () => (await room.events("SeatTaken")).length;
  const withTolerance = (tolerance: Tolerance): ModelClass => ({ ...modelClass, tolerance });

  test.each<[string, () => ModelClass, string]>([
    [
      "by a class that calls this machine's honest answers faults",
      () =>
        withTolerance({
          meanGap: 1e-9,
          maxGap: { base: 1e-9, perDoubling: 0 },
          epsilon: 0.25,
          fingerprint: 1e-9,
        }),
      "calibration-fails-here",
    ],
    [
      "by a class that lets cheats pass",
      () => withTolerance({ meanGap: 1, maxGap: { base: 10, perDoubling: 2 }, epsilon: 4, fingerprint: 2 }),
      "calibration-fails-here",
    ],
    ["by a class without a tolerance", () => uncalibratedClass, "no-tolerance"],
  ])("%s", async (_, classOf, code) => {
    const before = await taken();
    await expect(room.juror(5, { modelClass: classOf() })).rejects.toMatchObject({ code });
    expect(await taken()).toBe(before);
  });

  test("unless the juror may", async () => {
    await expect(room.juror(5, { takesSeat: false })).rejects.toMatchObject({ code: "no-seat" });
  });
});

/** So that its jurors' stakes are free for the next one. */
async function end(dispute: Dispute): Promise<void> {
  await room.wait(PHASE_SECONDS + 1);
  await dispute.conclude();
}

test("five jurors find an honest item clean, and the provider right", async () => {
  const jurors = await room.jury();
  const dispute = await Dispute.begin(room);
  await dispute.goToCourt();
  expect(await decided(dispute)).toMatchObject({ verdict: "rejected" });
  await room.wait(PHASE_SECONDS + 1);
  await eventually(async () => (await room.caseOf(dispute.lotId)).status).toBe("none");
  await eventually(() => jurors.map((juror) => juror.status().cases.length)).toEqual([0, 0, 0, 0, 0]);
  for (const juror of jurors) expect(juror.status().votes).toMatchObject([{ lotId: dispute.lotId }]);
});

test("an edited token is a fault, and slashes the lot", async () => {
  await room.jury();
  const dispute = await Dispute.begin(room, { tamper: editTokens });
  const { locked } = await room.money(provider.address);
  await dispute.goToCourt();
  expect(await decided(dispute)).toMatchObject({ verdict: "fault" });
  await room.wait(PHASE_SECONDS + 1);
  await eventually(async () => (await room.caseOf(dispute.lotId)).status).toBe("none");
  expect((await room.money(provider.address)).locked).toBe(locked - dispute.lot.collateral);
});

test("an answer too short to decide alone is judged with the three after it", async () => {
  await room.jury();
  const dispute = await Dispute.begin(room, {
    requests: requests(6, 40),
    tamper: (all) => editTokens([all[3]!]),
  });
  await dispute.goToCourt({ position: 3 });
  expect(await decided(dispute)).toMatchObject({ verdict: "fault" });
  await end(dispute);
});

test("so are those of a large lot, of which the audit set is drawn", async () => {
  await room.jury();
  const dispute = await Dispute.begin(room, { requests: requests(130, 8) });
  await dispute.goToCourt({ position: 127 });
  expect(await decided(dispute)).toMatchObject({ verdict: "rejected" });
  await end(dispute);
});
