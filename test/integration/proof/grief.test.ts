import { CLEAN_RATIO, costUp, NO_EVIDENCE, verdicts } from "@millrace/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  challengeTheWorst,
  denyDelivery,
  sendNoInput,
  showEvidenceToSome,
} from "../../helpers/cheats/griefs.ts";
import { eventually } from "../agent/eventually.ts";
import { buyer, type Courtroom, openCourtroom, provider } from "../juror/courtroom.ts";
import type { Dispute } from "../juror/dispute.ts";

const PHASE_SECONDS = 60;
const BOND = 10_000n;
const JURY_FEES = 5_000n;

let room: Courtroom;
beforeAll(async () => {
  room = await openCourtroom({ courtParameters: { phaseSeconds: PHASE_SECONDS } });
});
afterAll(() => room[Symbol.asyncDispose]());

const total = async (address: `0x${string}`) => {
  const { free, locked } = await room.money(address);
  return free + locked;
};

/** Lets the jury vote and the case end, and expects the provider paid for its work and for the trouble. */
async function expectLost(
  { lot, lotId, submission }: Dispute,
  {
    before,
    toJurors = JURY_FEES,
    toProvider,
  }: { before: { buyer: bigint; provider: bigint }; toJurors?: bigint; toProvider: bigint },
): Promise<void> {
  await eventually(async () => (await room.events("VoteRevealed", lotId)).length).toBe(5);
  await room.call(buyer, "court", "decide", [lotId]);
  await room.wait(PHASE_SECONDS + 1);
  await eventually(async () => (await room.events("CaseConcluded", lotId)).length).toBe(1);
  const [concluded] = await room.events("CaseConcluded", lotId);
  expect(verdicts[concluded!.args.verdict]).toBe("rejected");
  // The rest of the window.
  await room.wait(60);
  await eventually(async () => (await room.money(provider.address)).locked).toBe(0n);
  const due = costUp(submission.totals.promptTokens, submission.totals.outputTokens, lot);
  const fee = (due * BigInt(lot.feeBps)) / 10_000n;
  expect(due).toBeGreaterThan(0n);
  expect((await total(provider.address)) - before.provider).toBe(due - fee + toProvider);
  expect(before.buyer - (await total(buyer.address))).toBe(due + toJurors + toProvider);
}

const moneyNow = async () => ({
  buyer: await total(buyer.address),
  provider: await total(provider.address),
});

describe("a buyer who hurts an honest agent pays for it", () => {
  test("no input: the lot is given back, which costs both sides the same, and little", async () => {
    const agent = await room.agent();
    const before = await moneyNow();
    await sendNoInput(room, agent);
    const after = await moneyNow();
    const loss = before.provider - after.provider;
    expect(before.buyer - after.buyer).toBe(loss);
    expect(loss).toBeGreaterThan(0n);
    expect(loss).toBeLessThanOrEqual(10n);
  });

  test("delivery denied: jurors open what was delivered, and the bond is lost", async () => {
    await room.jury();
    await room.agent();
    const before = await moneyNow();
    const dispute = await denyDelivery(room);
    // Half of the bond is the jury's; the fee for delivering once more was the provider's at once.
    await expectLost(dispute, { before, toProvider: BOND - JURY_FEES + 1_000n });
  });

  test("the honest worst challenged: it is within what is tolerated, and the bond is lost", async () => {
    await room.jury();
    await room.agent();
    const before = await moneyNow();
    const { dispute, ratio } = await challengeTheWorst(room);
    expect(ratio).toBeLessThan(CLEAN_RATIO);
    await expectLost(dispute, { before, toProvider: BOND - JURY_FEES });
  });

  test("evidence shown to some jurors only: the others say that they have none, and the bond is lost", async () => {
    await room.jury();
    await room.agent();
    const before = await moneyNow();
    const dispute = await showEvidenceToSome(room);
    // Paid are those who could not know better: they are of the majority.
    await expectLost(dispute, { before, toJurors: 3_000n, toProvider: BOND - 3_000n });
    const votes = (await room.events("VoteRevealed", dispute.lotId)).map(({ args }) => args.vote);
    expect(votes.filter((vote) => vote === NO_EVIDENCE)).toHaveLength(3);
  });
});
