import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { voteCommitmentOf } from "@millrace/protocol";
import { keccak256, toHex, zeroHash } from "viem";
import { expect, onTestFinished, test } from "vitest";
import { openVoteBook } from "../../../provider-agent/src/juror/voteBook.ts";

const secret = keccak256("0x01");
const duty = { lotId: keccak256("0x02"), juryId: keccak256("0x03"), seatId: 7, place: 2 } as const;
const about = keccak256("0x04");

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "millrace-votes-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return join(path, "votes");
}

test("a vote is there after a restart, with the same salt", async () => {
  const path = await folder();
  const book = openVoteBook(path, secret);
  expect(await book.lotIds()).toEqual([]);
  expect(await book.read(duty)).toBeUndefined();
  await book.write(duty, { vote: -96, about });
  const again = openVoteBook(path, secret);
  expect(await again.lotIds()).toEqual([duty.lotId]);
  expect(await again.read(duty)).toEqual({ vote: -96, about });
  expect(again.saltOf(duty)).toBe(book.saltOf(duty));
});

test("a case is remembered before there is a vote", async () => {
  const path = await folder();
  await openVoteBook(path, secret).open(duty.lotId);
  expect(await openVoteBook(path, secret).lotIds()).toEqual([duty.lotId]);
});

test("salts differ by jury, by seat and by juror, so that a revealed one opens nothing else", async () => {
  const book = openVoteBook(await folder(), secret);
  const salts = [
    book.saltOf(duty),
    book.saltOf({ ...duty, seatId: 8 }),
    book.saltOf({ ...duty, juryId: keccak256("0x05") }),
    openVoteBook(await folder(), keccak256("0x06")).saltOf(duty),
  ];
  expect(new Set(salts).size).toBe(salts.length);
});

test("a commitment is the court's", async () => {
  const book = openVoteBook(await folder(), secret);
  const { juryId, seatId } = duty;
  expect(book.commitmentOf(duty, 37)).toBe(
    voteCommitmentOf({ juryId, seatId, vote: 37, salt: book.saltOf(duty) }),
  );
});

test("what is over is forgotten, and nothing else", async () => {
  const book = openVoteBook(await folder(), secret);
  const other = { ...duty, lotId: keccak256(toHex("other")) };
  for (const one of [duty, other]) await book.write(one, { vote: 1, about: zeroHash });
  await book.forget(duty.lotId);
  expect(await book.lotIds()).toEqual([other.lotId]);
  expect(await book.read(duty)).toBeUndefined();
});
