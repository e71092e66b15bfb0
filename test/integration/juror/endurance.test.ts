import { readdir } from "node:fs/promises";
import { NO_EVIDENCE, randomSecret, verdicts } from "@millrace/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cableTo } from "../agent/cable.ts";
import { eventually } from "../agent/eventually.ts";
import { type Courtroom, jurorAccount, openCourtroom, provider } from "./courtroom.ts";
import { Dispute } from "./dispute.ts";

const PHASE_SECONDS = 60;
let room: Courtroom;

beforeAll(async () => {
  room = await openCourtroom({ courtParameters: { phaseSeconds: PHASE_SECONDS } });
});
afterAll(() => room[Symbol.asyncDispose]());

const committedTo = async ({ lotId }: Dispute) => (await room.events("VoteCommitted", lotId)).length;
const revealedOf = async ({ lotId }: Dispute) =>
  (await room.events("VoteRevealed", lotId)).map(({ args }) => args.vote);

async function end(dispute: Dispute): Promise<string> {
  await eventually(async () => (await revealedOf(dispute)).length).toBe(5);
  await dispute.decide();
  await room.wait(PHASE_SECONDS + 1);
  await dispute.conclude();
  return verdicts[(await room.events("CaseConcluded", dispute.lotId)).at(-1)!.args.verdict]!;
}

test("a juror that stops after it committed reveals the same vote when it is back", async () => {
  const jurors = await room.jury();
  const dispute = await Dispute.begin(room);
  await jurors[4]!.close();
  await dispute.goToCourt();
  await eventually(() => committedTo(dispute)).toBe(4);
  await jurors[0]!.close();
  // The last to commit opens the reveal.
  await room.juror(4);
  await eventually(async () => (await revealedOf(dispute)).length).toBe(4);
  const again = await room.juror(0);
  expect(await end(dispute)).toBe("rejected");
  expect(again.status().votes).toMatchObject([{ lotId: dispute.lotId }]);
});

test("a juror that was drawn while it was away, votes when it is back", async () => {
  const jurors = await room.jury();
  const dispute = await Dispute.begin(room);
  for (const juror of jurors) await juror.close();
  await dispute.goToCourt();
  await Promise.all([0, 1, 2, 3, 4].map((number) => room.juror(number)));
  expect(await end(dispute)).toBe("rejected");
});

test("jurors whose endpoint is away for a while vote when it is back", async () => {
  const cable = await cableTo(room.network.rpcUrl);
  const network = { ...room.network, rpcUrl: cable.url };
  await Promise.all([0, 1, 2, 3, 4].map((number) => room.juror(number, { network })));
  const dispute = await Dispute.begin(room);
  await dispute.challenge();
  await dispute.answerAndOpen();
  await dispute.draw();
  cable.cut();
  await dispute.shareKeys();
  cable.mend();
  await eventually(() => committedTo(dispute)).toBe(5);
  cable.cut();
  cable.mend();
  expect(await end(dispute)).toBe("rejected");
});

/** Whether a juror has a transaction under way, which this chain would drop with the blocks it takes back. */
async function isSending(): Promise<boolean> {
  const names = await readdir(room.folder, { recursive: true });
  return names.some((name) => name.endsWith("transaction.json"));
}

test("keys that a reorg replaces are used in place of the first ones", async () => {
  const jurors = await room.jury();
  const dispute = await Dispute.begin(room);
  await dispute.challenge();
  await dispute.answerAndOpen();
  await dispute.draw();
  // As long as one is missing, nobody reveals.
  await jurors[4]!.close();
  const snapshot = await room.rpc<string>("evm_snapshot");
  await dispute.shareKeys(() => new Uint8Array([1, 2, 3]));
  await eventually(() => committedTo(dispute)).toBe(4);
  await eventually(isSending).toBe(false);
  await room.rpc("evm_revert", [snapshot]);
  await room.rpc("evm_mine");
  await dispute.shareKeys();
  await room.juror(4);
  expect(await end(dispute)).toBe("rejected");
  expect(await revealedOf(dispute)).not.toContain(NO_EVIDENCE);
});

test("a jury that a reorg takes back is forgotten", async () => {
  const [juror] = await room.jury();
  const dispute = await Dispute.begin(room);
  const secret = randomSecret();
  await dispute.challenge();
  await dispute.answer(secret);
  const snapshot = await room.rpc<string>("evm_snapshot");
  await dispute.openEvidence(secret);
  await dispute.draw();
  await eventually(() => juror!.status().cases).toEqual([dispute.lotId]);
  await room.rpc("evm_revert", [snapshot]);
  await room.wait(PHASE_SECONDS + 1);
  // What is left of the case it ends itself: the challenger never showed evidence.
  await eventually(() => juror!.status().cases).toEqual([]);
  expect((await room.caseOf(dispute.lotId)).status).toBe("none");
});

test("when nobody else moves it on, jurors bring a case to its end and are paid", async () => {
  const jurors = await room.jury();
  const dispute = await Dispute.begin(room);
  await dispute.goToCourt();
  await eventually(async () => (await revealedOf(dispute)).length).toBe(5);
  await eventually(async () => (await room.caseOf(dispute.lotId)).status).toBe("decided");
  await room.wait(PHASE_SECONDS + 1);
  const before = (await room.money(jurorAccount(0).address)).free;
  await eventually(async () => (await room.caseOf(dispute.lotId)).status).toBe("none");
  await eventually(() => jurors.map((juror) => juror.status().cases.length)).toEqual([0, 0, 0, 0, 0]);
  // The fee is collected at once, as the test asks for; with that of an earlier case, if that ended as its juror closed.
  const gained = async () => (await room.money(jurorAccount(0).address)).free - before;
  await eventually(gained).toBeGreaterThanOrEqual(1_000n);
});

test("results that cannot be had are a fault", async () => {
  await room.jury();
  const dispute = await Dispute.begin(room, { delivers: false });
  await dispute.demandDelivery();
  await dispute.answerDelivery();
  await dispute.objectDelivery();
  await dispute.answerAndOpen({ upload: false });
  await dispute.draw();
  await dispute.shareKeys(undefined, { by: provider, identity: dispute.known.resultsIdentity });
  await room.wait((PHASE_SECONDS * 3) / 4 + 1);
  expect(await end(dispute)).toBe("fault");
});

test("a jury that was absent is penalised, and sees to it that another is drawn", async () => {
  const jurors = await room.jury();
  // None is drawn twice for a case.
  for (const number of [0, 1, 2, 3, 4]) await room.takeSeats(number, 1);
  await room.wait(2);
  const dispute = await Dispute.begin(room);
  for (const juror of jurors) await juror.close();
  await dispute.goToCourt();
  await room.wait(2 * PHASE_SECONDS + 1);
  await room.jury();
  await eventually(async () => (await room.events("JuryFailed", dispute.lotId)).length).toBe(1);
  await eventually(async () => (await room.caseOf(dispute.lotId)).status).toBe("keys");
  await dispute.shareKeys();
  expect(await end(dispute)).toBe("rejected");
});
