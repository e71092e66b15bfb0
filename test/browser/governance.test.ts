import { backersAbi, governorAbi, millAbi, parametersAbi, stakedMillAbi } from "@millrace/protocol";
import { type Address, parseEther, zeroAddress } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { localAccounts } from "../../devnet/src/accounts.ts";
import { passSeconds } from "../../devnet/src/cheats/skipAhead.ts";
import { rpc, send } from "../integration/client/chain.ts";
import { eventually } from "./harness/eventually.ts";
import { openBrowser, type TestBrowser } from "./harness/openBrowser.ts";
import { startMarket, type TestMarket } from "./harness/startMarket.ts";
import { act, connectWallet } from "./harness/steps.ts";
import type { Surfer } from "./harness/surfer.ts";

let market: TestMarket;
let browser: TestBrowser;
let holder: Surfer;
const stack = new AsyncDisposableStack();

beforeAll(async () => {
  market = stack.use(await startMarket({ work: false }));
  browser = stack.use(await openBrowser());
  holder = stack.use(await browser.surfer({ market, wallet: localAccounts.millHolder.address }));
  await holder.visit("/stake");
  await connectWallet(holder.page);
});
afterAll(() => stack.disposeAsync());

const governor = () => ({ address: market.network.governor, abi: governorAbi }) as const;
const feeInForce = async () => {
  const [version, , { feeBps }] = await market.reader.readContract({
    address: market.network.parameters,
    abi: parametersAbi,
    functionName: "current",
  });
  return { version, feeBps };
};

test("MILL is staked, and its votes are given away and taken back", async () => {
  const { page } = holder;
  const { address } = localAccounts.millHolder;
  const staking = { address: market.network.stakedMill, abi: stakedMillAbi } as const;
  const read = (functionName: "balanceOf" | "getVotes") =>
    market.reader.readContract({ ...staking, functionName, args: [address] });
  await page.getByLabel("MILL to stake").fill("500000000");
  await act(page, "Stake");
  await eventually(() => read("balanceOf")).toBe(parseEther("500000000"));
  for (const [to, votes] of [
    [localAccounts.guardian.address, 0n],
    [address, parseEther("500000000")],
  ] as const) {
    await page.getByLabel("Delegate votes to").fill(to);
    await act(page, "Delegate");
    await eventually(() => read("getVotes")).toBe(votes);
  }
  await page.getByLabel("MILL to take out").fill("1");
  await act(page, "Begin exit");
  await eventually(() => read("balanceOf")).toBe(parseEther("499999999"));
  await act(page, "Cancel exit");
  await eventually(() => read("balanceOf")).toBe(parseEther("500000000"));
  holder.expectNoProblems();
});

test("an exit that is over is withdrawn", async () => {
  const { page } = holder;
  const inWallet = () =>
    market.reader.readContract({
      address: market.network.mill,
      abi: millAbi,
      functionName: "balanceOf",
      args: [localAccounts.millHolder.address],
    });
  const before = await inWallet();
  await page.getByLabel("MILL to take out").fill("2");
  await act(page, "Begin exit");
  await page.getByText("On its way out").waitFor();
  const cooldown = await market.reader.readContract({
    address: market.network.stakedMill,
    abi: stakedMillAbi,
    functionName: "cooldown",
  });
  await passSeconds(market.network, Number(cooldown) + 1);
  await page.getByText("Your exit is over").waitFor();
  await act(page, "Withdraw");
  await eventually(inWallet).toBe(before + parseEther("2"));
  holder.expectNoProblems();
});

test("a proposal is made, voted on, queued and executed through its pages, and is in force then", async () => {
  const { page } = holder;
  expect(await feeInForce()).toEqual({ version: 1, feeBps: 100 });

  await holder.visit("/governance");
  await page.getByRole("main").getByRole("link", { name: "New proposal" }).first().click();
  await page.getByLabel("Fee", { exact: true }).fill("20");
  await page.getByText("From 0 % to 10 %.").waitFor();
  expect(await page.getByRole("button", { name: "Propose", exact: true }).isDisabled()).toBe(true);
  await page.getByLabel("Fee", { exact: true }).fill("2");
  await page.getByLabel("Title").fill("Two per cent for those who stake");
  expect(await act(page, "Propose")).toContain("Fee: 1 % → 2 %");
  await page.getByRole("heading", { level: 1, name: "Two per cent for those who stake" }).waitFor();
  const proposalId = BigInt(page.url().split("/").at(-1)!);
  await page.getByText("Fee: 1 % → 2 %").waitFor();

  await page.getByLabel("Reason").fill("Work should pay.");
  expect(await act(page, "Vote")).toContain("You vote for");
  const { address } = localAccounts.millHolder;
  await eventually(() =>
    market.reader.readContract({ ...governor(), functionName: "hasVoted", args: [proposalId, address] }),
  ).toBe(true);
  await page.getByRole("cell", { name: "Work should pay." }).waitFor();

  await passSeconds(market.network, 61);
  await act(page, "Queue");
  await eventually(() =>
    market.reader.readContract({ ...governor(), functionName: "proposalEta", args: [proposalId] }),
  ).toBeGreaterThan(0n);

  await act(page, "Execute");
  await eventually(feeInForce).toEqual({ version: 2, feeBps: 200 });
  await page.getByRole("main").getByText("It is in force.").waitFor();

  await holder.visit("/governance");
  await page.getByText("Version 2").first().waitFor();
  await page.getByRole("listitem").filter({ hasText: "Fee: 1 % → 2 %" }).waitFor();
  holder.expectNoProblems();
});

test("its proposer cancels a proposal whose vote has not begun", async () => {
  const { page } = holder;
  const { network, reader } = market;
  await holder.visit("/governance/new");
  await page.getByLabel("Fee", { exact: true }).fill("3");
  await page.getByLabel("Title").fill("Better not");
  // The vote begins a second later: no block may come by itself.
  await rpc(network, "evm_setIntervalMining", [0]);
  try {
    await act(page, "Propose");
    await page.getByRole("heading", { level: 1, name: "Better not" }).waitFor();
    const proposalId = BigInt(page.url().split("/").at(-1)!);
    const { timestamp } = await reader.getBlock();
    await page.getByText("The vote begins", { exact: false }).first().waitFor();
    await rpc(network, "evm_setNextBlockTimestamp", [Number(timestamp) + 1]);
    expect(await act(page, "Cancel the proposal")).toContain("before its vote begins");
    const cancelled = 2;
    await eventually(() =>
      reader.readContract({ ...governor(), functionName: "state", args: [proposalId] }),
    ).toBe(cancelled);
    await page.getByText("Nothing comes of it.").waitFor();
  } finally {
    await rpc(network, "evm_setIntervalMining", [1_000]);
  }
  holder.expectNoProblems();
});

test("who declines in the wallet has proposed nothing, and is told so", async () => {
  const { page } = holder;
  await holder.visit("/governance/new");
  await page.getByLabel("Bounty").fill("12");
  await page.getByLabel("Title").fill("Never sent");
  await holder.refuseNext();
  await act(page, "Propose");
  await page.getByText("You declined it in your wallet.").waitFor();
  const { network, reader } = market;
  const created = await reader.getContractEvents({
    ...governor(),
    eventName: "ProposalCreated",
    fromBlock: network.deployBlock,
  });
  expect(created).toHaveLength(2);
  holder.expectNoProblems();
});

test("whoever changes account or chain signs as who the page says, or not at all", async () => {
  const [first, second] = [localAccounts.juror(0).address, localAccounts.juror(1).address];
  const delegateOf = (address: Address) =>
    market.reader.readContract({
      address: market.network.stakedMill,
      abi: stakedMillAbi,
      functionName: "delegates",
      args: [address],
    });
  await using surfer = await browser.surfer({ market, wallet: first });
  const { page } = surfer;
  await surfer.visit("/stake");
  await connectWallet(page);
  const ask = page.getByRole("button", { name: "Delegate", exact: true });
  const question = page.getByRole("dialog", { name: "Delegate" });
  await page.getByLabel("Delegate votes to").fill(second);
  await ask.click();
  await question.getByText(second).waitFor();
  await surfer.turnWallet({ address: second });
  await question.waitFor({ state: "hidden" });

  await surfer.turnWallet({ chainId: 1 });
  await page.getByText("Your wallet is on another chain").waitFor();
  expect(await ask.isDisabled()).toBe(true);
  await surfer.turnWallet({ address: first });
  await surfer.turnWallet({ chainId: market.network.chainId });
  await page.getByText("Your wallet is on another chain").waitFor({ state: "hidden" });
  const shown = `${first.slice(0, 6)}…${first.slice(-4)}`;
  await page
    .getByRole("banner")
    .getByRole("button", { name: `Wallet: ${shown}` })
    .waitFor();
  await page.getByLabel("Delegate votes to").fill(localAccounts.guardian.address);
  await act(page, "Delegate");
  await eventually(() => delegateOf(first)).toBe(localAccounts.guardian.address);
  expect(await delegateOf(second)).toBe(zeroAddress);
  surfer.expectNoProblems();
});

test("what was read is what is signed: nobody is backed at a commission that rose meanwhile", async () => {
  const { network, reader } = market;
  const provider = localAccounts.provider(1);
  const backers = { abi: backersAbi, address: network.backers } as const;
  const change = (functionName: string, args: readonly unknown[] = []) =>
    send(network, provider, { ...backers, functionName, args });
  await change("openPool", [300]);
  await using surfer = await browser.surfer({ market, wallet: localAccounts.buyer.address });
  const { page } = surfer;
  await surfer.visit("/account");
  await connectWallet(page);
  await page.getByRole("link", { name: "Providers", exact: true }).click();
  await page.locator(`a[href$="${provider.address}" i]`).click();
  await page.getByLabel("Amount to back with").fill("1.234567");
  await page.getByRole("button", { name: "Back", exact: true }).click();
  const question = page.getByRole("dialog", { name: "Back" });
  for (const words of ["1.234567", provider.address, "less 3 % commission"]) {
    await question.getByText(words).first().waitFor();
  }
  await change("closePool");
  await change("openPool", [5_000]);
  await page.getByText("50 %", { exact: true }).waitFor();
  expect(await question.textContent()).toContain("less 3 % commission");
  await question.getByRole("button", { name: "Back", exact: true }).click();
  await page.getByText("The commission is 50 % now, above 3 %.").waitFor();
  await question.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Back", exact: true }).click();
  await question.getByText("less 50 % commission").waitFor();
  // On a phone, too, all of it can be read.
  await page.setViewportSize({ width: 360, height: 740 });
  expect(await question.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
  await surfer.turnWallet({ address: localAccounts.juror(2).address });
  await question.waitFor({ state: "hidden" });
  const args = [provider.address, localAccounts.buyer.address] as const;
  expect(await reader.readContract({ ...backers, functionName: "sharesOf", args })).toBe(0n);
  surfer.expectNoProblems();
});

test.for([
  ["/governance/abc", "proposal"],
  ["/disputes/77", "dispute"],
  ["/jobs/x", "job"],
  ["/jobs/0x12", "job"],
  ["/providers/x", "provider"],
] as const)("%s says that there is no such %s, and nobody is asked for it", async ([path, what]) => {
  await using surfer = await browser.surfer({ market });
  await surfer.visit(path);
  await surfer.page.getByText(`There is no such ${what}`).waitFor();
  surfer.expectNoProblems();
});

test("a proposal that nobody made is looked for, and told to be none", async () => {
  await using surfer = await browser.surfer({ market });
  await surfer.visit("/governance/12345");
  await surfer.page.getByRole("heading", { level: 1, name: "There is no such proposal" }).waitFor();
  expect(surfer.takeProblems().every((problem) => problem.includes("404"))).toBe(true);
});

test("what the indexer refuses to be asked is asked once, not with every block", async () => {
  await using surfer = await browser.surfer({ market });
  const { page } = surfer;
  let refused = 0;
  page.on("response", (response) => {
    if (response.status() === 400) refused++;
  });
  // More than 256 bits.
  await surfer.visit(`/governance/${"9".repeat(78)}`);
  await page.getByText("This could not be read").waitFor();
  const label = () => page.getByLabel("has read up to block").getAttribute("aria-label");
  const blockOf = (words: string | null) => Number(/block ([\d,]+)/.exec(words ?? "")?.[1]?.replace(",", ""));
  const first = blockOf(await label());
  await eventually(async () => blockOf(await label())).toBeGreaterThan(first + 4);
  expect(refused).toBe(1);
});

test("each line of what is wrong stands on its own", async () => {
  await using surfer = await browser.surfer({ market });
  const { page } = surfer;
  await page.route(/\/v1\/proposals\?/, (route) => route.fulfill({ json: { items: [{}] } }));
  await surfer.visit("/governance");
  const details = page.getByText("/v1/proposals");
  await details.waitFor();
  // biome-ignore lint/performance/useDomNodeTextContent: the lines that people see are what is tested
  const lines = (await details.innerText()).split("\n");
  expect(lines.length).toBeGreaterThan(3);
  expect(lines[0]).toMatch(/\/v1\/proposals\?limit=25$/);
  await page.unrouteAll({ behavior: "wait" });
  surfer.expectNoProblems();
});
