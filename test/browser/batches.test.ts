import { readFile } from "node:fs/promises";
import { createMillrace } from "@millrace/client";
import { backersAbi, courtAbi, marketAbi, parseAmount, testUsdAbi } from "@millrace/protocol";
import type { Hex } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { formatTokensExactly, shorten } from "../../dashboard/src/components/formats.ts";
import { localAccounts } from "../../devnet/src/accounts.ts";
import { passSeconds, skipIdlePhases } from "../../devnet/src/cheats/skipAhead.ts";
import { send } from "../integration/client/chain.ts";
import { eventually } from "./harness/eventually.ts";
import { openBrowser, type TestBrowser } from "./harness/openBrowser.ts";
import { openAnsweredJob, openTakenJob, openUnwantedJob, postIdleOffer, stakeHalf } from "./harness/seeds.ts";
import { startMarket, type TestMarket } from "./harness/startMarket.ts";
import { act, chooseFile, connectWallet, disconnectWallet, openBatch } from "./harness/steps.ts";
import type { Surfer } from "./harness/surfer.ts";
import { whenIndexed } from "./harness/whenIndexed.ts";

const ASSET_DECIMALS = 6;
/** In no part of what happens here. */
const STRANGER = "0x000000000000000000000000000000000000dEaD";

let market: TestMarket;
let browser: TestBrowser;
let buyer: Surfer;
const stack = new AsyncDisposableStack();

beforeAll(async () => {
  market = stack.use(await startMarket());
  await stakeHalf(market.network);
  browser = stack.use(await openBrowser());
  buyer = stack.use(await browser.surfer({ market, wallet: localAccounts.buyer.address }));
  await buyer.visit("/account");
  await connectWallet(buyer.page);
});
afterAll(() => stack.disposeAsync());

/** The Market's own events of one job. */
async function events(eventName: "LotSubmitted" | "LotSettled" | "LotExpired" | "JobClosed", jobId: Hex) {
  const { reader, network } = market;
  return reader.getContractEvents({
    address: network.market,
    abi: marketAbi,
    eventName,
    args: { jobId },
    fromBlock: network.deployBlock,
    strict: true,
  });
}

/** What the buyer has in the Market. */
const balance = () =>
  market.reader.readContract({
    address: market.network.market,
    abi: marketAbi,
    functionName: "accountOf",
    args: [localAccounts.buyer.address],
  });

/** Follows the batch's page to that of its only job. */
async function goToJob(): Promise<Hex> {
  const { page } = buyer;
  await page.getByRole("region", { name: "Jobs of this batch" }).getByRole("link").first().click();
  await page.getByRole("heading", { level: 1, name: /^Job 0x/ }).waitFor();
  return page.url().split("/").at(-1) as Hex;
}

test("money goes into the market and out of it again", async () => {
  const { page } = buyer;
  const { free } = await balance();
  await page.getByLabel(/deposit/i).fill("12.5");
  await act(page, "Deposit");
  await eventually(async () => (await balance()).free).toBe(free + parseAmount("12.5"));
  await page.getByLabel(/withdraw/i).fill("2");
  await act(page, "Withdraw");
  await eventually(async () => (await balance()).free).toBe(free + parseAmount("10.5"));
  buyer.expectNoProblems();
});

test("a provider is backed, and left again", async () => {
  const { page } = buyer;
  const { reader, network } = market;
  // Not the one that works here: with a pool it could take no more than the pool bears with it.
  const provider = localAccounts.provider(1);
  const backers = { abi: backersAbi, address: network.backers } as const;
  await send(network, provider, { ...backers, functionName: "openPool", args: [1_000] });
  const sharesOf = () =>
    reader.readContract({
      ...backers,
      functionName: "sharesOf",
      args: [provider.address, localAccounts.buyer.address],
    });
  await whenIndexed(market);
  await buyer.visit(`/providers/${provider.address}`);
  await page.getByLabel("Amount to back with").fill("5");
  expect(await act(page, "Back")).toContain("slashed");
  await eventually(sharesOf).toBeGreaterThan(0n);
  const backed = await sharesOf();
  await page.getByLabel("Amount to take out").fill("5");
  await act(page, "Leave");
  // Shares are finer than base units: dust of them may stay.
  await eventually(sharesOf).toBeLessThan(backed / 1_000n);
  const { free } = await balance();
  await act(page, "Withdraw");
  await eventually(async () => (await balance()).free).toBeGreaterThan(free);
  buyer.expectNoProblems();
});

test("another key may buy for the account within a limit, until it is told that it is over", async () => {
  const { page } = buyer;
  const operator = localAccounts.provider(3).address;
  const allowed = async () => {
    const { allowance } = await market.reader.readContract({
      address: market.network.market,
      abi: marketAbi,
      functionName: "buyerOperatorOf",
      args: [localAccounts.buyer.address, operator],
    });
    return allowance;
  };
  await buyer.visit("/account");
  await page.getByLabel("Operator's address").fill(operator);
  await page.getByLabel("Spends at most a day").fill("3");
  await act(page, "Set operator");
  await eventually(allowed).toBe(parseAmount("3"));
  await act(page, "End", page.getByRole("region", { name: "Operators" }));
  await eventually(allowed).toBe(0n);
  buyer.expectNoProblems();
});

test("a batch is opened from a file, runs in the tab, goes on after a reload, and is downloaded", async () => {
  const { page } = buyer;
  await buyer.visit("/batches/new");
  // As many as keep it going while other tabs are looked at.
  const count = 40;
  await chooseFile(page, count);
  const words = await openBatch(page);
  await page
    .getByRole("log")
    .getByText(/sent to 0x/)
    .first()
    .waitFor();
  // What the browser asks before it closes a tab that works is answered with yes.
  page.once("dialog", (dialog) => void dialog.accept());
  await page.reload();
  await buyer.settled();
  await page.getByRole("button", { name: "Go on" }).click();
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download results" }).click({ timeout: 240_000 });
  const lines = (await readFile(await (await downloading).path(), "utf8")).trimEnd().split("\n");
  const answers = lines.map(
    (line) => JSON.parse(line) as { custom_id: string; response: { status_code: number } | null },
  );
  expect(answers.map(({ custom_id }) => custom_id)).toEqual(
    Array.from({ length: count }, (_, number) => `story-${number}`),
  );
  expect(answers.every(({ response }) => response?.status_code === 200)).toBe(true);
  const jobId = await goToJob();
  const settled = await events("LotSettled", jobId);
  expect(settled.length).toBeGreaterThan(0);
  expect(settled.length).toBe((await events("LotSubmitted", jobId)).length);
  await page.getByText(`${count} paid`).waitFor();
  // By its id and its publisher, for others may have its name.
  const [model] = await createMillrace({ network: market.network }).models.list();
  expect(words).toContain(model!.modelId);
  expect(words).toContain(model!.publisher);
  buyer.expectNoProblems();
});

test("who declines the transaction has opened nothing, and is told so", async () => {
  const { page } = buyer;
  await buyer.visit("/batches/new");
  await chooseFile(page, 2);
  await page.getByRole("button", { name: "Get a quote" }).click();
  await buyer.refuseNext();
  await act(page, "Open the batch");
  await page.getByText("You declined it in your wallet.").waitFor();
  expect(page.url()).toContain("/batches/new");
  const rows = page.getByRole("row").filter({ hasText: "not opened" });
  await buyer.visit("/jobs");
  await rows.waitFor();
  // Asked for again it is the same batch.
  await buyer.visit("/batches/new");
  await chooseFile(page, 2);
  // Held, so that it does not end before it is paused.
  await openBatch(page, { isHeld: true });
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Go on" }).waitFor();
  await buyer.visit("/jobs");
  await page.getByRole("row").filter({ hasText: "not running here" }).first().waitFor();
  expect(await rows.count()).toBe(0);
  buyer.expectNoProblems();
});

test("a batch stops when its account is disconnected, and shows another one whose it is", async () => {
  const { page } = buyer;
  await buyer.visit("/batches/new");
  await chooseFile(page, 2, "of nobody");
  await openBatch(page, { isHeld: true });
  await page
    .getByRole("log")
    .getByText(/sent to 0x/)
    .first()
    .waitFor();
  await disconnectWallet(page);
  await page.getByText("The batch's account is not connected any more.").first().waitFor();
  await page.getByText("It belongs to").first().waitFor();
  expect(await page.getByRole("button", { name: "Go on" }).count()).toBe(0);
  await connectWallet(page);
  await page.getByLabel("I look at each lot before it is paid").uncheck();
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByRole("button", { name: "Download results" }).waitFor({ timeout: 240_000 });
  buyer.expectNoProblems();
});

test("a file that is no batch is refused with its line", async () => {
  const { page } = buyer;
  await buyer.visit("/batches/new");
  await page.locator('input[type="file"]').setInputFiles({
    name: "broken.jsonl",
    mimeType: "application/jsonl",
    buffer: Buffer.from('{"custom_id": "a"\n'),
  });
  await page.getByRole("button", { name: "Get a quote" }).click();
  await page
    .getByRole("alert")
    .getByText(/line 1/i)
    .first()
    .waitFor();
  buyer.expectNoProblems();
});

test("a buyer who looks first accepts one lot by hand, and takes an item of the next to court", async () => {
  const { page } = buyer;
  await buyer.visit("/batches/new");
  await chooseFile(page, 2, "by hand");
  await openBatch(page, { isHeld: true });
  const batchUrl = page.url();
  const second = await buyer.context.newPage();
  await second.goto(page.url());
  await second.getByText("This batch is open in another tab").waitFor();
  expect(await second.getByRole("button", { name: "Go on" }).count()).toBe(0);
  await second.close();
  const accepted = await goToJob();
  // What was chosen holds in the tab that goes on with it, too.
  page.once("dialog", (dialog) => void dialog.accept());
  await page.goto(new URL("/jobs", market.url).href);
  await buyer.settled();
  // Newest first; below it the batch that was paused.
  await page.getByRole("button", { name: "Go on" }).first().click();
  // The answers are there to be looked at before they are paid.
  await page
    .getByRole("link", { name: new URL(batchUrl).pathname.slice("/batches/batch_".length, 23) })
    .click();
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download the checked answers" }).click({ timeout: 240_000 });
  const unpaid = (await readFile(await (await downloading).path(), "utf8")).trimEnd().split("\n");
  expect(unpaid.map((line) => (JSON.parse(line) as { custom_id: string }).custom_id)).toEqual([
    "story-0",
    "story-1",
  ]);
  await page.getByRole("heading", { name: "1 lot waits for your yes" }).waitFor();
  await buyer.expectAccessible();
  await buyer.expectNoSideways();
  await page.getByRole("link", { name: "Accept or object" }).click();
  await page.getByRole("heading", { level: 1, name: /^Job / }).waitFor();
  await page.goBack();
  await page.getByRole("region", { name: "Jobs of this batch" }).getByRole("link").first().click();
  await page.getByRole("heading", { level: 1, name: new RegExp(`^Job ${accepted.slice(0, 6)}`) }).waitFor();
  await page.getByRole("button", { name: /^Items 1 to 2/ }).click();
  await page.getByRole("button", { name: "Accept", exact: true }).waitFor({ timeout: 240_000 });
  expect(await events("LotSettled", accepted)).toEqual([]);
  // Whatever the indexer says, what is agreed to is what the chain has.
  const ofJob = `**/v1/jobs/${accepted}`;
  await page.route(ofJob, async (route) => {
    const response = await route.fetch();
    const text = (await response.text()).replaceAll(/"(due|escrow)":"\d+"/g, '"$1":"7"');
    await route.fulfill({ response, body: text.replaceAll(localAccounts.provider(0).address, STRANGER) });
  });
  await page
    .getByRole("link", { name: shorten(STRANGER) })
    .first()
    .waitFor();
  const words = await act(page, "Accept");
  await eventually(async () => (await events("LotSettled", accepted)).length).toBe(1);
  const [settled] = await events("LotSettled", accepted);
  const { paid, fee } = settled!.args as { paid: bigint; fee: bigint };
  expect(words).toContain(localAccounts.provider(0).address);
  expect(words).toContain(`At most ${formatTokensExactly(paid + fee, ASSET_DECIMALS)}`);
  await page.getByText("The lot is paid.").waitFor();
  await page.unrouteAll({ behavior: "wait" });

  await buyer.visit("/batches/new");
  await chooseFile(page, 2, "disputed");
  await openBatch(page, { isHeld: true });
  const disputed = await goToJob();
  await page.getByRole("button", { name: /^Items 1 to 2/ }).click();
  await page.getByRole("button", { name: "Challenge an item" }).click({ timeout: 240_000 });
  await page.getByRole("combobox", { name: "Request to challenge" }).click();
  await page.getByRole("option", { name: "story-1 (request 2)" }).click();
  const { court: parameters } = await createMillrace({ network: market.network }).governance.parameters();
  const bond = formatTokensExactly(parameters.jurorFee * 10n, ASSET_DECIMALS);
  const said = await act(page, "Challenge this request");
  expect(said).toContain("the answer to story-1");
  expect(said).toContain(`a bond of ${bond}`);
  const over = new AbortController();
  const skipping = skipIdlePhases(market.network, { doesProviderAnswer: true, signal: over.signal });
  try {
    const { reader, network } = market;
    const court = {
      address: network.court,
      abi: courtAbi,
      fromBlock: network.deployBlock,
      strict: true,
    } as const;
    const opened = () =>
      reader.getContractEvents({ ...court, eventName: "CaseOpened", args: { jobId: disputed } });
    await eventually(async () => (await opened()).length).toBe(1);
    const { lotId } = (await opened())[0]!.args;
    await page.getByRole("link", { name: "see the disputes" }).click();
    await page
      .getByRole("region", { name: /^Cases/ })
      .getByRole("link")
      .first()
      .click();
    const concluded = () =>
      reader.getContractEvents({ ...court, eventName: "CaseConcluded", args: { lotId } });
    await expect.poll(async () => (await concluded()).length, { timeout: 300_000, interval: 500 }).toBe(1);
    const votes = await reader.getContractEvents({ ...court, eventName: "VoteRevealed", args: { lotId } });
    expect(votes).toHaveLength(5);
    await page.getByText("Provider is right").first().waitFor();
    await page.getByText("Who paid whom").waitFor();
    // Five jurors, each with what they found.
    const jury = page.getByRole("region", { name: "Jurors of the first jury" });
    await expect.poll(() => jury.getByRole("row").count(), { timeout: 60_000 }).toBe(6);
    expect(await jury.getByText("not revealed").count()).toBe(0);
  } finally {
    over.abort();
    await skipping;
  }
  buyer.expectNoProblems();
});

test("what waits is taken once more is paid for it", async () => {
  const { page } = buyer;
  await postIdleOffer(market.network);
  await buyer.visit("/batches/new");
  await chooseFile(page, 3, "a slow ship");
  await openBatch(page, { limits: ["0.1", "0.3"] });
  await page.getByRole("heading", { name: "2 requests wait for a provider" }).waitFor();
  await page.getByLabel("Pay at most for 10⁶ prompt tokens").fill("1,5 or so");
  expect(await page.getByRole("button", { name: "Raise the limits" }).isDisabled()).toBe(true);
  await page.getByLabel("Pay at most for 10⁶ prompt tokens").fill("1.5");
  await page.getByLabel("Pay at most for 10⁶ output tokens").fill("4");
  expect(await act(page, "Raise the limits")).toMatch(
    /2 requests that wait .*1\.50 . 4\.00 .*[\d.]+ .*more of your balance/,
  );
  await page.getByText("2 paid").waitFor({ timeout: 240_000 });
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Go on" }).waitFor();
  const jobId = await goToJob();
  expect(await events("LotSettled", jobId)).toHaveLength(1);
  buyer.expectNoProblems();
});

test("a lot that is late goes back", async () => {
  const { page } = buyer;
  // For less than the working provider takes, who else would be quicker.
  const { jobId } = await openTakenJob(market.network);
  await whenIndexed(market);
  await buyer.visit(`/jobs/${jobId}`);
  await page.getByRole("button", { name: /^Item 1/ }).click();
  expect(await page.getByRole("button", { name: "Expire" }).count()).toBe(0);
  await passSeconds(market.network, 4_300);
  expect(await act(page, "Expire")).toContain("collateral");
  await eventually(async () => (await events("LotExpired", jobId)).length).toBe(1);
  buyer.expectNoProblems();
});

test("an answer that nobody objects to in time is settled", async () => {
  const { page } = buyer;
  const jobId = await openAnsweredJob(market.network);
  await whenIndexed(market);
  await buyer.visit(`/jobs/${jobId}`);
  await page.getByRole("button", { name: /^Item 1/ }).click();
  await page.getByRole("button", { name: "Accept", exact: true }).waitFor();
  expect(await page.getByRole("button", { name: "Settle" }).count()).toBe(0);
  await passSeconds(market.network, 7_300);
  expect(await act(page, "Settle")).toContain("Item 1: the time to object is over");
  await eventually(async () => (await events("LotSettled", jobId)).length).toBe(1);
  await page.getByText("The lot is paid.").waitFor();
  buyer.expectNoProblems();
});

test("fees of all that was paid are claimed by who staked", async () => {
  const { reader, network } = market;
  await using surfer = await browser.surfer({ market, wallet: localAccounts.millHolder.address });
  const held = () =>
    reader.readContract({
      address: network.asset,
      abi: testUsdAbi,
      functionName: "balanceOf",
      args: [localAccounts.millHolder.address],
    });
  const before = await held();
  await surfer.visit("/stake");
  await connectWallet(surfer.page);
  await act(surfer.page, "Claim fees");
  await eventually(held).toBeGreaterThan(before);
  surfer.expectNoProblems();
});

test("what no provider takes is cancelled", async () => {
  const { page } = buyer;
  const jobId = await openUnwantedJob(market.network);
  await whenIndexed(market);
  await buyer.visit(`/jobs/${jobId}`);
  await act(page, "Cancel what waits");
  await eventually(async () => (await events("JobClosed", jobId)).length).toBe(1);
  await page.getByText("3 withdrawn").waitFor();
  buyer.expectNoProblems();
});
