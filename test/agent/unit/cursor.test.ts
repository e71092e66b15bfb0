import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashText } from "@millrace/protocol";
import { beforeEach, expect, test } from "vitest";
import { openCursor } from "../../../provider-agent/src/watch/cursor.ts";

let path: string;
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-cursor-"));
  path = join(folder, "cursor.json");
  return () => rm(folder, { recursive: true, force: true });
});

const block = (number: number) => ({ number: BigInt(number), hash: hashText(`block ${number}`) });
const earning = (id: string, at: number, amount: bigint) => ({ id, block: BigInt(at), amount });

test("what was saved is there after opening again, what was not is not", async () => {
  const cursor = await openCursor(path);
  expect(cursor.last).toBeUndefined();
  cursor.advance(block(1));
  cursor.earn(earning("a", 1, 5n));
  await cursor.save();
  cursor.advance(block(2));
  const again = await openCursor(path);
  expect(again.last).toEqual(block(1));
  expect(again.earned).toBe(5n);
});

test("an earning counts once, however often it is read", async () => {
  const cursor = await openCursor(path);
  cursor.earn(earning("a", 1, 5n));
  cursor.earn(earning("a", 1, 5n));
  cursor.earn(earning("b", 1, 7n));
  expect(cursor.earned).toBe(12n);
});

test("rolling back takes back what was earned after, and keeps what was before", async () => {
  const cursor = await openCursor(path);
  for (const number of [1, 2, 3]) cursor.advance(block(number));
  cursor.earn(earning("a", 1, 5n));
  cursor.earn(earning("b", 3, 7n));
  cursor.rollBack(block(2));
  expect(cursor.last).toEqual(block(2));
  expect(cursor.earned).toBe(5n);
  cursor.rollBack(undefined);
  expect(cursor.last).toBeUndefined();
  expect(cursor.earned).toBe(0n);
});

test("it remembers a bounded number of blocks, newest first, and forgets no money with them", async () => {
  const cursor = await openCursor(path);
  for (let number = 1; number <= 600; number++) {
    cursor.earn(earning(`lot ${number}`, number, 1n));
    cursor.advance(block(number));
  }
  expect(cursor.remembered()).toHaveLength(256);
  expect(cursor.remembered()[0]).toEqual(block(600));
  expect(cursor.earned).toBe(600n);
  await cursor.save();
  expect((await openCursor(path)).earned).toBe(600n);
});
