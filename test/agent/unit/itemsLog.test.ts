import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { failedOutcome, type ItemResult } from "@millrace/protocol";
import { zeroHash } from "viem";
import { beforeEach, expect, test } from "vitest";
import { openItemsLog } from "../../../provider-agent/src/infer/itemsLog.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-items-"));
  return () => rm(folder, { recursive: true, force: true });
});

const path = () => join(folder, "items.jsonl");
const result = (text: string): ItemResult => ({ ...failedOutcome("error", zeroHash), text });

test("an item is on disk when its append resolves", async () => {
  const log = await openItemsLog(folder);
  await Promise.all([log.append(2, result("two")), log.append(0, result("zero"))]);
  const lines = (await readFile(path(), "utf8")).trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line).index)).toEqual([2, 0]);
  await log.close();
});

test("a later start finds what was done", async () => {
  const first = await openItemsLog(folder);
  await first.append(1, result("häßlich 🐦\n"));
  await first.close();
  const second = await openItemsLog(folder);
  expect([...second.done]).toEqual([[1, result("häßlich 🐦\n")]]);
  await second.append(0, result("zero"));
  await second.close();
  const third = await openItemsLog(folder);
  expect([...third.done.keys()]).toEqual([1, 0]);
  await third.close();
});

test.each(['{"index":1,"result":{"te', '{"index":1}garbage\n', "\u0000\u0000\u0000"])(
  "a torn end %j is cut off, and its item counts as never done",
  async (torn) => {
    const first = await openItemsLog(folder);
    await first.append(0, result("zero"));
    await first.close();
    const whole = await readFile(path(), "utf8");
    await appendFile(path(), torn);
    const second = await openItemsLog(folder);
    expect([...second.done.keys()]).toEqual([0]);
    await second.append(1, result("one"));
    await second.close();
    expect(await readFile(path(), "utf8")).toBe(
      `${whole}${JSON.stringify({ index: 1, result: result("one") })}\n`,
    );
  },
);

test("no log at all is an empty one; closing twice is closing once", async () => {
  await writeFile(path(), "");
  const log = await openItemsLog(folder);
  expect(log.done.size).toBe(0);
  await Promise.all([log.close(), log.close()]);
});
