import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { createFolderState } from "../../../../client/src/state/folderState.ts";
import { createMemoryState } from "../../../../client/src/state/memoryState.ts";

async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-state-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function linesOf(source: AsyncIterable<string>): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of source) lines.push(line);
  return lines;
}

describe.each([
  ["memory", async () => createMemoryState()],
  ["folder", async () => createFolderState(await tempFolder())],
])("%s state", (_, open) => {
  test("reads what was written, and nothing where nothing was", async () => {
    const state = await open();

    expect(await state.read("a/b")).toBeUndefined();
    expect(await linesOf(state.readLines("a/b"))).toEqual([]);
    await state.write("a/b", "one\u2028 \u{1F600}");
    await state.write("a/b", "two");
    expect(await state.read("a/b")).toBe("two");
  });

  test("keeps lines as they are", async () => {
    const state = await open();
    const lines = ["", '{"a":"\u2028"}', "\u{1F600}", "x".repeat(200_000), ""];

    await state.writeLines("a/lines", lines);

    expect(await linesOf(state.readLines("a/lines"))).toEqual(lines);
  });

  test("keeps the old lines when writing new ones fails", async () => {
    const state = await open();
    await state.writeLines("a/lines", ["old"]);
    const failing = (async function* () {
      yield "new";
      throw new Error("no more");
    })();

    await expect(state.writeLines("a/lines", failing)).rejects.toThrow("no more");

    expect(await linesOf(state.readLines("a/lines"))).toEqual(["old"]);
    expect(await state.list("a")).toEqual(["lines"]);
  });

  test("lists names once, sorted", async () => {
    const state = await open();
    await state.write("a/c/1", "");
    await state.write("a/c/2", "");
    await state.write("a/b", "");

    expect(await state.list("a")).toEqual(["b", "c"]);
    expect(await state.list("none")).toEqual([]);
  });

  test("locks a name until disposed", async () => {
    const state = await open();
    const lock = await state.lock("a/run");

    // A folder can only tell by taking it.
    expect([true, undefined]).toContain(await state.isLocked?.("a/run"));
    expect([false, undefined]).toContain(await state.isLocked?.("a/other"));
    await expect(state.lock("a/run")).rejects.toMatchObject({ code: "locked" });
    await (await state.lock("a/other"))[Symbol.asyncDispose]();
    await lock[Symbol.asyncDispose]();
    await (await state.lock("a/run"))[Symbol.asyncDispose]();
  });
});

describe("folder state", () => {
  test("is readable by its owner alone, and leaves no drafts", async () => {
    const folder = await tempFolder();
    const state = createFolderState(folder);
    await state.write("batches/b/record.json", "secret");

    expect((await stat(join(folder, "batches/b/record.json"))).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, "batches"))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(folder, "batches/b"))).toEqual(["record.json"]);
  });

  test("gives the lock of a process that was killed to the next", async () => {
    const folder = await tempFolder();
    const module = fileURLToPath(new URL("../../../../client/src/state/folderState.ts", import.meta.url));
    const program = `
      const { createFolderState } = await import(${JSON.stringify(module)});
      globalThis.held = await createFolderState(${JSON.stringify(folder)}).lock("run");
      console.log("locked");
      setInterval(() => {}, 1_000);`;
    const holder = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void holder.kill("SIGKILL"));
    await once(holder.stdout, "data");
    const state = createFolderState(folder);
    await expect(state.lock("run")).rejects.toMatchObject({ code: "locked" });

    holder.kill("SIGKILL");
    await once(holder, "exit");

    const lock = await state.lock("run");
    await expect(state.lock("run")).rejects.toMatchObject({ code: "locked" });
    await lock[Symbol.asyncDispose]();
    await lock[Symbol.asyncDispose]();
  });

  test("of many that want a lock at once, one gets it", async () => {
    const state = createFolderState(await tempFolder());

    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => state.lock("run")));

    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });
});
