import { type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { findChromium } from "../harness/findChromium.ts";
import { bundlePage, servePage } from "./bundle.ts";

let context: BrowserContext;
let page: Page;
let bundle: Awaited<ReturnType<typeof bundlePage>>;
let url: string;

beforeAll(async () => {
  const executablePath = findChromium();
  if (!executablePath) throw new Error("No Chromium is found: install it, or name it in CHROMIUM_PATH.");
  bundle = await bundlePage();
  const served = await servePage(bundle.script);
  url = served.url;
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  context = await browser.newContext();
  return async () => {
    await browser.close();
    served.server.close();
  };
});

beforeEach(async () => {
  page = await openPage();
  return () => page.close();
});

afterAll(() => context?.close());

async function openPage(): Promise<Page> {
  const opened = await context.newPage();
  await opened.goto(url);
  await opened.waitForFunction(() => "millrace" in globalThis);
  return opened;
}

test("the client and its browser part are bundled for pages as they are", async () => {
  expect(bundle.warnings).toEqual([]);
  expect(bundle.script).not.toMatch(/["']node:|vite-browser-external/);
  expect(await page.evaluate(() => millrace.names())).toContain("createMillrace");
});

describe("browser state", () => {
  test("reads what was written, and nothing where nothing was", async () => {
    const found = await page.evaluate(async () => {
      const state = millrace.open("texts");
      const before = [await state.read("a/b"), await millrace.linesOf(state.readLines("a/b"))];
      await state.write("a/b", "one\u2028 \u{1F600}");
      const first = await state.read("a/b");
      await state.write("a/b", "two");
      return [...before, first, await state.read("a/b")];
    });

    expect(found).toEqual([undefined, [], "one\u2028 \u{1F600}", "two"]);
  });

  test("keeps lines as they are, also beyond what one part holds", async () => {
    const lines = ["", '{"a":"\u2028"}', "\u{1F600}", "x".repeat(200_000), ...Array(20_000).fill("y"), ""];

    const kept = await page.evaluate(async (written) => {
      const state = millrace.open("lines");
      await state.writeLines("a/lines", written);
      return millrace.linesOf(state.readLines("a/lines"));
    }, lines);

    expect(kept).toEqual(lines);
  });

  test("keeps the old lines when writing new ones fails", async () => {
    const found = await page.evaluate(async () => {
      const state = millrace.open("failing");
      await state.writeLines("a/lines", ["old"]);
      const failing = (async function* () {
        yield "new";
        throw new Error("no more");
      })();
      const code = await millrace.codeOf(state.writeLines("a/lines", failing));
      return {
        code,
        lines: await millrace.linesOf(state.readLines("a/lines")),
        names: await state.list("a"),
      };
    });

    expect(found).toEqual({ code: "no more", lines: ["old"], names: ["lines"] });
  });

  test("lists names once, sorted, of just that key", async () => {
    const names = await page.evaluate(async () => {
      const state = millrace.open("names");
      for (const key of ["b/2/x", "b/1/y", "b/1/z", "b/3", "ba/4", "b!/5"]) await state.write(key, "");
      return [await state.list("b"), await state.list("none"), await state.list("b/1")];
    });

    expect(names).toEqual([["1", "2", "3"], [], ["y", "z"]]);
  });

  test("is there again after a reload, and in another page, but not under another name", async () => {
    await page.evaluate(() => millrace.open("lasting").write("a", "kept"));

    await page.reload();
    await page.waitForFunction(() => "millrace" in globalThis);
    const other = await openPage();

    expect(await page.evaluate(() => millrace.open("lasting").read("a"))).toBe("kept");
    expect(await other.evaluate(() => millrace.open("lasting").read("a"))).toBe("kept");
    expect(await other.evaluate(() => millrace.open("fresh").read("a"))).toBeUndefined();
    await other.close();
  });

  test("a lock is held against pages and within one, until it is given back or its page closes", async () => {
    const code = (of: Page) => of.evaluate(() => millrace.codeOf(millrace.open("locks").lock("run")));
    const other = await openPage();

    await other.evaluate(async () => {
      const lock = await millrace.open("locks").lock("run");
      Object.assign(globalThis, { release: () => lock[Symbol.asyncDispose]() });
    });
    expect(await code(page)).toBe("locked");
    expect(await code(other)).toBe("locked");
    const isLocked = (key: string) => page.evaluate((name) => millrace.open("locks").isLocked!(name), key);
    expect([await isLocked("run"), await isLocked("other")]).toEqual([true, false]);
    await other.evaluate(() => (globalThis as unknown as { release(): Promise<void> }).release());
    expect(await code(other)).toBeUndefined();
    expect(await code(page)).toBe("locked");
    await other.close();

    await expect.poll(() => code(page)).toBeUndefined();
  });
});
