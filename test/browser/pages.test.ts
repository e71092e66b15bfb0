import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { localAccounts } from "../../devnet/src/accounts.ts";
import { openBrowser, type TestBrowser, type Theme } from "./harness/openBrowser.ts";
import { type SeededPaths, seedMarket } from "./harness/seedMarket.ts";
import { startMarket, type TestMarket } from "./harness/startMarket.ts";
import { chooseFile, connectWallet, openBatch } from "./harness/steps.ts";
import type { Surfer } from "./harness/surfer.ts";

/** Where pictures of every page go, if they are asked for. */
const pictures = process.env.MILLRACE_SCREENSHOTS
  ? join(import.meta.dirname, "../../docs/screenshots")
  : undefined;
const PHONE_WIDTH = 360;

let market: TestMarket;
let browser: TestBrowser;
let paths: SeededPaths;
const stack = new AsyncDisposableStack();

beforeAll(async () => {
  market = stack.use(await startMarket());
  paths = await seedMarket(market.network);
  browser = stack.use(await openBrowser());
  if (pictures) await mkdir(pictures, { recursive: true });
});
afterAll(() => stack.disposeAsync());

/** What each page must show of what is in the market. */
const pages: { name: string; path: (seeded: SeededPaths) => string; shows: (string | RegExp)[] }[] = [
  { name: "market", path: () => "/", shows: ["tinystory-chat-2.8m-q8_0"] },
  { name: "providers", path: () => "/providers", shows: ["0x7099…79C8"] },
  { name: "provider", path: ({ provider }) => provider, shows: [/Lots done/, /Earned/] },
  { name: "jobs", path: () => "/jobs", shows: ["tinystory-chat-2.8m-q8_0", "done"] },
  { name: "job", path: ({ job }) => job, shows: ["6 paid", "Receipts' root"] },
  { name: "new-batch", path: () => "/batches/new", shows: ["Batch file"] },
  { name: "disputes", path: () => "/disputes", shows: ["Provider is right"] },
  {
    name: "dispute",
    path: ({ dispute }) => dispute,
    shows: ["Who paid whom", "Jury drawn", "A juror reveals"],
  },
  { name: "governance", path: () => "/governance", shows: ["A fee of two per cent", "Version 1", "1 %"] },
  { name: "new-proposal", path: () => "/governance/new", shows: ["Least collateral"] },
  { name: "proposal", path: ({ proposal }) => proposal, shows: ["Fee: 1 % → 2 %", "It helps."] },
  { name: "stake", path: () => "/stake", shows: ["500,000,000"] },
  { name: "account", path: () => "/account", shows: ["Free in the market"] },
];

async function look(surfer: Surfer, shows: readonly (string | RegExp)[]): Promise<void> {
  for (const words of shows) await surfer.page.getByRole("main").getByText(words).first().waitFor();
}

describe.for<Theme>(["light", "dark"])("in the %s theme", (theme) => {
  let surfer: Surfer;
  beforeAll(async () => {
    surfer = stack.use(await browser.surfer({ market, theme, wallet: localAccounts.buyer.address }));
    await surfer.visit("/account");
    await connectWallet(surfer.page);
  });

  test.for(pages)("$name shows what there is, and everybody can use it", async ({ name, path, shows }) => {
    await surfer.visit(path(paths));
    for (const control of await surfer.page.getByRole("main").locator("[data-accordion-control]").all()) {
      await control.click();
    }
    await look(surfer, shows);
    await surfer.expectAccessible();
    if (pictures) {
      await surfer.picture(join(pictures, `${name}-${theme}.png`));
    }
    surfer.expectNoProblems();
  });

  test("batch shows how far it is, and everybody can use it", async () => {
    const { page } = surfer;
    await surfer.visit("/batches/new");
    await chooseFile(page, 2, `a ${theme} house`);
    await openBatch(page);
    await page.getByRole("button", { name: "Download results" }).waitFor({ timeout: 240_000 });
    await look(surfer, ["2 paid", "What happens"]);
    await surfer.expectAccessible();
    if (pictures) await surfer.picture(join(pictures, `batch-${theme}.png`));
    await page.setViewportSize({ width: PHONE_WIDTH, height: 740 });
    await surfer.visit(new URL(page.url()).pathname);
    await look(surfer, ["2 paid"]);
    await surfer.expectNoSideways();
    surfer.expectNoProblems();
  });
});

describe("on a phone", () => {
  let surfer: Surfer;
  beforeAll(async () => {
    surfer = stack.use(
      await browser.surfer({ market, width: PHONE_WIDTH, wallet: localAccounts.buyer.address }),
    );
  });

  test.for(pages)("$name needs no sideways scrolling", async ({ name, path, shows }) => {
    await surfer.visit(path(paths));
    for (const control of await surfer.page.getByRole("main").locator("[data-accordion-control]").all()) {
      await control.click();
    }
    await look(surfer, name === "account" ? [] : shows);
    await surfer.expectNoSideways();
    await surfer.expectWholeStatuses();
    surfer.expectNoProblems();
  });
});

test("who has more jobs than their account's page shows finds all of them, and nobody else's", async () => {
  await using surfer = await browser.surfer({ market, wallet: localAccounts.buyer.address });
  const { page } = surfer;
  await surfer.visit("/account");
  await connectWallet(page);
  const asked = page.waitForRequest((request) =>
    request.url().toLowerCase().includes(`limit=25&buyer=${localAccounts.buyer.address.toLowerCase()}`),
  );
  await page.getByRole("link", { name: "All", exact: true }).click();
  await asked;
  expect(await page.getByRole("radio", { name: "Mine" }).isChecked()).toBe(true);
  surfer.expectNoProblems();
});

test("a visitor without a wallet sees everything, and is told what an unknown address is", async () => {
  await using surfer = await browser.surfer({ market });
  await surfer.visit(paths.job);
  await look(surfer, ["6 paid"]);
  surfer.expectNoProblems();
  await surfer.visit("/nowhere");
  await surfer.expectAccessible();
  await surfer.visit(`/jobs/0x${"12".repeat(32)}`);
  await surfer.page.getByRole("heading", { level: 1, name: "There is no such job" }).waitFor();
  // The indexer's 404, and nothing else.
  expect(surfer.takeProblems().every((problem) => problem.includes("404"))).toBe(true);
});

test("the skip link leads to the content, and a proposal can be written by keyboard alone", async () => {
  await using surfer = await browser.surfer({ market });
  const { page } = surfer;
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
  await surfer.visit("/governance/new");
  await page.keyboard.press("Tab");
  expect(await focused()).toBe("Skip to the content");
  await page.keyboard.press("Enter");
  // The next stop is inside of the content: its first field.
  await page.keyboard.press("Tab");
  const label = await page.evaluate(
    () => (document.activeElement as HTMLInputElement).labels?.[0]?.textContent,
  );
  expect(label).toContain("Fee");
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type("3");
  await page.getByText("Fee: 1 % → 3 %").waitFor();
  const visible = await page.evaluate(() => {
    const { outlineStyle, boxShadow, borderColor } = getComputedStyle(document.activeElement!);
    return { outlineStyle, boxShadow, borderColor };
  });
  const before = await page.getByLabel("Collateral", { exact: true }).evaluate((element) => {
    const { outlineStyle, boxShadow, borderColor } = getComputedStyle(element);
    return { outlineStyle, boxShadow, borderColor };
  });
  // Where the focus is can be seen.
  expect(visible).not.toEqual(before);
  surfer.expectNoProblems();
});
