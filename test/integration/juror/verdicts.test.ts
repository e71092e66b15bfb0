import { type ItemResult, verdicts } from "@millrace/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../agent/eventually.ts";
import { type Courtroom, openCourtroom, provider } from "./courtroom.ts";
import { Dispute } from "./dispute.ts";

let room: Courtroom;

beforeAll(async () => {
  room = await openCourtroom({ courtParameters: { phaseSeconds: 60 } });
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

test("five jurors find an honest item clean, and the provider right", async () => {
  const jurors = await room.jury();
  const dispute = await Dispute.begin(room);
  await dispute.goToCourt();
  expect(await decided(dispute)).toMatchObject({ verdict: "rejected" });
  await room.wait(61);
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
  await room.wait(61);
  await eventually(async () => (await room.caseOf(dispute.lotId)).status).toBe("none");
  expect((await room.money(provider.address)).locked).toBe(locked - dispute.lot.collateral);
});
