import type { Engine } from "@millrace/engine";
import { caseKinds, type ItemScore, identityFromBytes, open, verdicts } from "@millrace/protocol";
import { pino } from "pino";
import { hexToBytes, keccak256 } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../agent/eventually.ts";
import { type Courtroom, openCourtroom, provider } from "./courtroom.ts";
import { Dispute, requests } from "./dispute.ts";

const PHASE_SECONDS = 60;
let room: Courtroom;

beforeAll(async () => {
  room = await openCourtroom({ courtParameters: { phaseSeconds: PHASE_SECONDS } });
});
afterAll(() => room[Symbol.asyncDispose]());

const statusOf = async ({ lotId }: Dispute) => (await room.caseOf(lotId)).status;

async function revealed(dispute: Dispute, votes: number): Promise<void> {
  await eventually(async () => (await room.events("VoteRevealed", dispute.lotId)).length).toBe(votes);
}

test("an agent answers a challenge, is found right, ends the case, and is paid", async () => {
  await room.jury();
  await room.agent();
  const dispute = await Dispute.beginWithAgent(room);
  await dispute.challenge();
  await eventually(() => statusOf(dispute)).toBe("evidence");
  const [answered] = await room.events("CaseAnswered", dispute.lotId);
  expect(BigInt(answered!.args.secret)).not.toBe(0n);
  await dispute.openEvidence(answered!.args.secret);
  await dispute.draw();
  await dispute.shareKeys();
  await revealed(dispute, 5);
  await dispute.decide();
  await room.wait(PHASE_SECONDS + 1);
  await eventually(() => statusOf(dispute)).toBe("none");
  const [concluded] = await room.events("CaseConcluded", dispute.lotId);
  expect(verdicts[concluded!.args.verdict]).toBe("rejected");
  // The bond of ten fees, less those of five jurors.
  expect(concluded!.args.toProvider).toBe(5_000n);
  await room.wait(60);
  await eventually(async () => (await room.money(provider.address)).locked).toBe(0n);
});

test("what a bribed jury calls a fault an agent appeals, and a larger jury sets right", async () => {
  let isBribed = false;
  const lie: ItemScore = {
    countedTokens: 200,
    gapSum: 2_000,
    maxGap: 20,
    fingerprint: 2,
    mismatch: undefined,
  };
  const engine: Engine = Object.assign(Object.create(room.engine) as Engine, {
    score: (...args: Parameters<Engine["score"]>) =>
      isBribed ? Promise.resolve(lie) : room.engine.score(...args),
  });
  for (const number of [0, 1, 2, 3, 4]) await room.juror(number, { engine });
  for (const number of [0, 1, 2, 3, 4]) await room.takeSeats(number, 3);
  await room.wait(2);
  isBribed = true;
  await room.agent();
  const dispute = await Dispute.beginWithAgent(room);
  await dispute.challenge();
  await eventually(() => statusOf(dispute)).toBe("evidence");
  const { secret } = (await room.events("CaseAnswered", dispute.lotId))[0]!.args;
  await dispute.openEvidence(secret);
  await dispute.draw();
  await dispute.shareKeys();
  await revealed(dispute, 5);
  isBribed = false;
  await dispute.decide();
  expect(await room.caseOf(dispute.lotId)).toMatchObject({ verdict: "fault" });

  await eventually(async () => (await room.events("CaseAppealed", dispute.lotId)).length).toBe(1);
  // Who appealed sees to the draw.
  await eventually(() => statusOf(dispute)).toBe("keys");
  await dispute.shareKeys();
  await revealed(dispute, 5 + 11);
  await dispute.decide();
  expect(await room.caseOf(dispute.lotId)).toMatchObject({ verdict: "rejected", round: 1 });
  await room.wait(PHASE_SECONDS + 1);
  await eventually(() => statusOf(dispute)).toBe("none");
  const [concluded] = await room.events("CaseConcluded", dispute.lotId);
  expect(verdicts[concluded!.args.verdict]).toBe("rejected");
  // Five that were on the wrong side.
  expect(concluded!.args.penalties).toBeGreaterThan(0n);
});

test("an agent delivers once more on demand, and jurors see that it can be opened", async () => {
  await room.jury();
  await room.agent();
  const dispute = await Dispute.beginWithAgent(room);
  await dispute.demandDelivery();
  await eventually(() => statusOf(dispute)).toBe("answered");
  const [answered] = await room.events("DeliveryAnswered", dispute.lotId);
  const key = await open(dispute.known.buyerIdentity, hexToBytes(answered!.args.wrappedKey));
  expect(keccak256(key)).toBe(dispute.submission.resultsKeyHash);
  expect(identityFromBytes(key)).toBe(dispute.known.resultsIdentity);

  await dispute.objectDelivery();
  await eventually(() => statusOf(dispute)).toBe("evidence");
  expect(caseKinds[(await room.events("CaseOpened", dispute.lotId))[0]!.args.kind]).toBe("delivery");
  const { secret } = (await room.events("CaseAnswered", dispute.lotId))[0]!.args;
  // Of what the buyer says that they show, jurors wait for most of the phase. Then it counts for nothing.
  await dispute.openEvidence(secret, { upload: false });
  await dispute.draw();
  await eventually(() => statusOf(dispute)).toBe("commit");
  await room.wait((PHASE_SECONDS * 3) / 4 + 1);
  await revealed(dispute, 5);
  await dispute.decide();
  expect(await room.caseOf(dispute.lotId)).toMatchObject({ verdict: "rejected" });
});

test("an agent that was wrong about one item does not appeal, and shows what is void", async () => {
  const jurors = await room.jury();
  // Its machine writes one token wrong where an answer is long.
  const engine: Engine = Object.assign(Object.create(room.engine) as Engine, {
    async infer(...args: Parameters<Engine["infer"]>) {
      const result = await room.engine.infer(...args);
      const isWrong = JSON.stringify(args[0]).includes("2 birds");
      return isWrong ? { ...result, tokenIds: result.tokenIds.with(20, result.tokenIds[19]!) } : result;
    },
  });
  const log: string[] = [];
  const logger = pino({ level: "error" }, { write: (line: string) => void log.push(line) });
  await room.agent({ engine, logger });
  const dispute = await Dispute.beginWithAgent(room, { requests: requests(3) });
  await dispute.challengeItem(1);
  await eventually(() => statusOf(dispute)).toBe("evidence");
  const { secret } = (await room.events("CaseAnswered", dispute.lotId))[0]!.args;
  await dispute.openEvidence(secret, { index: 1 });
  await dispute.draw();
  await dispute.shareKeys();
  await revealed(dispute, 5);
  await dispute.decide();
  expect(await room.caseOf(dispute.lotId)).toMatchObject({ verdict: "fault", kind: "item" });
  await eventually(() => log.join()).toContain("a jury found a fault, and so do we");
  // Jurors do not have the leaves that it takes.
  for (const juror of jurors) await juror.close();
  await room.wait(PHASE_SECONDS + 1);
  await eventually(() => statusOf(dispute)).toBe("none");
  const [concluded] = await room.events("CaseConcluded", dispute.lotId);
  expect(verdicts[concluded!.args.verdict]).toBe("fault");
  expect(await room.events("CaseAppealed", dispute.lotId)).toEqual([]);
  // The other two are paid, and nothing is slashed.
  await room.wait(60);
  await eventually(async () => (await room.money(provider.address)).locked).toBe(0n);
});
