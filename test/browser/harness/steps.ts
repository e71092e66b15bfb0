import type { Locator, Page } from "playwright-core";
import { stories } from "./stories.ts";
import { TEST_WALLET } from "./testWallet.ts";

/** Connects the test's wallet, as a user does from the top of any page. */
export async function connectWallet(page: Page): Promise<void> {
  await page.getByRole("banner").getByRole("button", { name: "Connect wallet" }).click();
  await page.getByRole("dialog").getByRole("button", { name: TEST_WALLET }).click();
  await page.getByRole("dialog").waitFor({ state: "hidden" });
}

/** Disconnects it again. */
export async function disconnectWallet(page: Page): Promise<void> {
  await page
    .getByRole("banner")
    .getByRole("button", { name: /^Wallet: / })
    .click();
  await page.getByRole("menuitem", { name: "Disconnect" }).click();
}

/**
 * Presses an action's button, reads what will be sent, and says yes.
 *
 * @param within where the button is. Default: the page's main part.
 * @returns what the dialog said
 */
export async function act(
  page: Page,
  label: string,
  within: Locator = page.getByRole("main"),
): Promise<string> {
  await within.getByRole("button", { name: label, exact: true }).first().click();
  const dialog = page.getByRole("dialog", { name: label });
  await dialog.waitFor();
  const words = (await dialog.textContent()) ?? "";
  await dialog.getByRole("button", { name: label, exact: true }).click();
  return words;
}

/** Chooses a batch file; see `stories`. */
export async function chooseFile(page: Page, ...file: Parameters<typeof stories>): Promise<void> {
  await page.locator('input[type="file"]').setInputFiles({
    name: "stories.jsonl",
    mimeType: "application/jsonl",
    buffer: Buffer.from(stories(...file)),
  });
}

/**
 * Gets a quote for the chosen file and opens it; ends on the batch's page.
 *
 * @param isHeld whether lots are paid by hand. Default: as soon as they are checked.
 * @param limits the most for 10⁶ prompt and output tokens
 * @returns what the dialog said
 */
export async function openBatch(
  page: Page,
  { isHeld = false, limits }: { isHeld?: boolean; limits?: [prompt: string, output: string] } = {},
): Promise<string> {
  if (isHeld || limits) await page.getByRole("button", { name: "More options" }).click();
  if (isHeld) await page.getByLabel("I look at each lot before it is paid").check();
  if (limits) {
    await page.getByLabel("Most for 10⁶ prompt tokens").fill(limits[0]);
    await page.getByLabel("Most for 10⁶ output tokens").fill(limits[1]);
  }
  await page.getByRole("button", { name: "Get a quote" }).click();
  const words = await act(page, "Open the batch");
  await page.getByRole("heading", { level: 1, name: /^Batch / }).waitFor();
  return words;
}
