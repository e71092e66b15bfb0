import { type ItemResult, NO_EVIDENCE, verdicts } from "@millrace/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../agent/eventually.ts";
import { type Courtroom, openCourtroom } from "./courtroom.ts";
import { Dispute } from "./dispute.ts";

const PHASE_SECONDS = 60;
let room: Courtroom;

beforeAll(async () => {
  room = await openCourtroom({ courtParameters: { phaseSeconds: PHASE_SECONDS } });
});
afterAll(() => room[Symbol.asyncDispose]());

async function votesOf({ lotId }: Dispute): Promise<number[]> {
  await eventually(async () => (await room.events("VoteRevealed", lotId)).length).toBe(5);
  return (await room.events("VoteRevealed", lotId)).map(({ args }) => args.vote).sort((a, b) => a - b);
}

/** Ends the case, so that its jurors' stakes are free for the next one. */
async function verdictOf(dispute: Dispute): Promise<string> {
  await dispute.decide();
  await room.wait(PHASE_SECONDS + 1);
  await dispute.conclude();
  return verdicts[(await room.events("CaseConcluded", dispute.lotId)).at(-1)!.args.verdict]!;
}

function reverse(result: ItemResult): void {
  result.tokenIds = result.tokenIds.toReversed();
}

test("evidence that no relay has: jurors wait for most of the phase, then say so", async () => {
  await room.jury();
  const dispute = await Dispute.begin(room);
  await dispute.challenge();
  await dispute.answerAndOpen({ upload: false });
  await dispute.draw();
  await dispute.shareKeys();
  await room.wait(PHASE_SECONDS / 2);
  expect(await room.events("VoteCommitted", dispute.lotId)).toEqual([]);
  await room.wait(PHASE_SECONDS / 4 + 1);
  expect(await votesOf(dispute)).toEqual(Array(5).fill(NO_EVIDENCE));
  expect(await verdictOf(dispute)).toBe("rejected");
});

test("evidence that comes late is weighed all the same", async () => {
  await room.jury();
  const dispute = await Dispute.begin(room);
  await dispute.challenge();
  const sealed = await dispute.answerAndOpen({ upload: false });
  await dispute.draw();
  await dispute.shareKeys();
  await room.wait(PHASE_SECONDS / 3);
  await dispute.upload(sealed);
  expect((await votesOf(dispute)).every((vote) => vote !== NO_EVIDENCE && vote < -64)).toBe(true);
  expect(await verdictOf(dispute)).toBe("rejected");
});

test("who gets a key that opens nothing says so, and the others decide", async () => {
  await room.jury();
  const dispute = await Dispute.begin(room);
  await dispute.goToCourt({ wrap: (place, wrapped) => (place < 2 ? wrapped.slice(0, -1) : wrapped) });
  const votes = await votesOf(dispute);
  expect(votes.slice(0, 2)).toEqual([NO_EVIDENCE, NO_EVIDENCE]);
  expect(Math.max(...votes)).toBeLessThan(-64);
  expect(await verdictOf(dispute)).toBe("rejected");
});

test("a challenger who keeps the key from most jurors loses", async () => {
  await room.jury();
  const dispute = await Dispute.begin(room, { tamper: (results) => results.forEach(reverse) });
  await dispute.goToCourt({ wrap: (place, wrapped) => (place < 3 ? new Uint8Array() : wrapped) });
  expect((await votesOf(dispute)).slice(0, 3)).toEqual([NO_EVIDENCE, NO_EVIDENCE, NO_EVIDENCE]);
  expect(await verdictOf(dispute)).toBe("rejected");
});

test.each([
  ["is no evidence", () => new TextEncoder().encode("trust me")],
  [
    "shows another result than was committed to",
    (bytes: Uint8Array) => edited(bytes, /"tokenIds":\[(\d+)/, '"tokenIds":[1'),
  ],
  ["shows another request than the job's", (bytes: Uint8Array) => edited(bytes, "a cat and", "a dog and")],
  ["shows a job of other terms", (bytes: Uint8Array) => edited(bytes, /"openedAt":\d+/, '"openedAt":1')],
] as const)("evidence that %s is none", async (_, change) => {
  await room.jury();
  const dispute = await Dispute.begin(room);
  await dispute.challenge();
  await dispute.answerAndOpen({ change });
  await dispute.draw();
  await dispute.shareKeys();
  expect(await votesOf(dispute)).toEqual(Array(5).fill(NO_EVIDENCE));
  expect(await verdictOf(dispute)).toBe("rejected");
});

function edited(bytes: Uint8Array, from: string | RegExp, to: string): Uint8Array {
  const text = new TextDecoder().decode(bytes);
  const changed = text.replace(from, to);
  expect(changed).not.toBe(text);
  return new TextEncoder().encode(changed);
}
