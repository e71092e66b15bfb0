import { AxeBuilder } from "@axe-core/playwright";
import type { BrowserContext, ConsoleMessage, Page, Request, Response } from "playwright-core";
import { expect } from "vitest";
import type { TestMarket } from "./startMarket.ts";
import type { TestWalletHandle } from "./testWallet.ts";

/** Navigating away ends what is under way. */
const ABORTED = "net::ERR_ABORTED";

/** A window with the dashboard, and all that went wrong in it. */
export class Surfer implements AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly #market: Pick<TestMarket, "url" | "network">;
  readonly #problems: string[] = [];

  constructor(context: BrowserContext, page: Page, market: Pick<TestMarket, "url" | "network">) {
    this.context = context;
    this.page = page;
    this.#market = market;
    page.on("console", (message) => this.#onConsole(message));
    page.on("pageerror", (error) => this.#problems.push(`uncaught: ${error.stack ?? error.message}`));
    page.on("requestfailed", (request) => this.#onFailure(request));
    page.on("response", (response) => this.#onResponse(response));
  }

  /** Shows a page and waits until it has what it shows. */
  async visit(path: string): Promise<void> {
    await this.page.goto(new URL(path, this.#market.url).href);
    await this.settled();
  }

  /** Waits until the page has a heading and nothing in it is loading. */
  async settled(): Promise<void> {
    await this.page.getByRole("heading", { level: 1 }).first().waitFor();
    await this.page.getByText("Loading …").first().waitFor({ state: "hidden" });
  }

  /** Fails on everything that went wrong since the last time it was asked. */
  expectNoProblems(): void {
    expect(this.#problems.splice(0)).toEqual([]);
  }

  /** Forgets what went wrong, where a test means it to. */
  takeProblems(): string[] {
    return this.#problems.splice(0);
  }

  /** Fails on what keeps people from using the page; minor findings are left to reviewers. */
  async expectAccessible(): Promise<void> {
    const { violations } = await new AxeBuilder({ page: this.page })
      .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
      .analyze();
    const bad = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    const told = bad.map(({ id, help, nodes }) => ({
      id,
      help,
      nodes: nodes.slice(0, 3).map(({ html, failureSummary }) => `${html}\n${failureSummary}`),
    }));
    expect(told).toEqual([]);
  }

  /** Fails if the page is wider than its window; names what sticks out. */
  async expectNoSideways(): Promise<void> {
    const tooWide = await this.page.evaluate(() => {
      const { clientWidth, scrollWidth } = document.documentElement;
      if (scrollWidth <= clientWidth) return [];
      const out = [...document.querySelectorAll("main *")].filter(
        (element) => element.getBoundingClientRect().right > clientWidth + 1,
      );
      return [
        `${scrollWidth} > ${clientWidth}`,
        ...out.slice(0, 3).map(({ outerHTML }) => outerHTML.slice(0, 200)),
      ];
    });
    expect(tooWide).toEqual([]);
  }

  /** Fails if a status lacks letters for want of room. */
  async expectWholeStatuses(): Promise<void> {
    const cut = await this.page
      .getByRole("main")
      .locator(".mantine-Badge-label")
      .evaluateAll((labels) =>
        labels
          .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
          .map((label) => label.textContent),
      );
    expect(cut).toEqual([]);
  }

  /** Takes a picture of the whole page, as a window of its height would show it. */
  async picture(path: string): Promise<void> {
    const { width, height } = this.page.viewportSize()!;
    const whole = await this.page.evaluate(() => document.documentElement.scrollHeight);
    await this.page.setViewportSize({ width, height: Math.max(height, whole) });
    await this.page.evaluate(() => {
      (document.activeElement as HTMLElement | null)?.blur();
      globalThis.scrollTo(0, 0);
    });
    await this.page.screenshot({ path });
    await this.page.setViewportSize({ width, height });
  }

  /** Lets the wallet's user refuse the next thing. */
  async refuseNext(): Promise<void> {
    await this.page.evaluate(() => {
      (globalThis as unknown as { testWallet: TestWalletHandle }).testWallet.refuseNext = true;
    });
  }

  /** Lets the wallet's user choose another account, or another chain. */
  async turnWallet(to: Parameters<TestWalletHandle["turn"]>[0]): Promise<void> {
    await this.page.evaluate(
      (choice) => (globalThis as unknown as { testWallet: TestWalletHandle }).testWallet.turn(choice),
      to,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.context.close();
  }

  #onConsole(message: ConsoleMessage): void {
    if (message.type() !== "error" || this.#isExpected(message.location().url)) return;
    this.#problems.push(`console: ${message.text()} (${message.location().url})`);
  }

  /** What relays say of blobs that are not there yet. */
  #isExpected(url: string): boolean {
    return this.#market.network.relays.some((relay) => url.startsWith(new URL("/v1/blobs/", relay).href));
  }

  #onFailure(request: Request): void {
    const reason = request.failure()?.errorText ?? "";
    if (reason !== ABORTED) this.#problems.push(`failed: ${request.url()} ${reason}`);
  }

  #onResponse(response: Response): void {
    if (response.status() < 400 || this.#isExpected(response.url())) return;
    this.#problems.push(`${response.status()}: ${response.url()}`);
  }
}
