import { type Browser, type BrowserContext, chromium } from "playwright-core";
import type { Address } from "viem";
import { findChromium } from "./findChromium.ts";
import type { TestMarket } from "./startMarket.ts";
import { Surfer } from "./surfer.ts";
import { announceWallet } from "./testWallet.ts";

const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // A page in the back is to go on as one in front does: tests have several open.
  "--disable-background-timer-throttling",
  "--disable-renderer-backgrounding",
  "--disable-backgrounding-occluded-windows",
];
/** Of one action or wait, which on an idle machine takes a fraction of a second. */
const PATIENCE_MS = 90_000;

export type Theme = "light" | "dark";

export interface SurferOptions {
  /** Whose dashboard. */
  market: Pick<TestMarket, "url" | "network">;
  theme?: Theme;
  /** Of the window, in pixels. Default: 1,280. */
  width?: number;
  /** Whose wallet the page finds; the chain's node signs for it. Default: none. */
  wallet?: Address;
}

/** A Chromium whose pages are watched for errors. */
export interface TestBrowser extends AsyncDisposable {
  /** Opens a window with a profile of its own. */
  surfer(options: SurferOptions): Promise<Surfer>;
}

/** @throws Error where no Chromium is found */
export async function openBrowser(): Promise<TestBrowser> {
  const executablePath = findChromium();
  if (!executablePath) {
    throw new Error(
      "No Chromium is found. Install it (`apt-get install -y chromium`), or name it in CHROMIUM_PATH.",
    );
  }
  const browser: Browser = await chromium.launch({ executablePath, args: ARGS });
  return {
    async surfer({ market, theme = "light", width = 1280, wallet }) {
      const context: BrowserContext = await browser.newContext({
        baseURL: market.url,
        colorScheme: theme,
        reducedMotion: "reduce",
        viewport: { width, height: 900 },
        acceptDownloads: true,
      });
      context.setDefaultTimeout(PATIENCE_MS);
      if (wallet) await announceWallet(context, { address: wallet, rpcUrl: market.network.rpcUrl });
      return new Surfer(context, await context.newPage(), market);
    },
    [Symbol.asyncDispose]: () => browser.close(),
  };
}
