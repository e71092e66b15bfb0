import { setTimeout as delay } from "node:timers/promises";
import type { AgentStatus } from "@millrace/provider-agent";
import { MultiBar, Presets, type SingleBar } from "cli-progress";
import type { ProviderProcess } from "./providerProcess.ts";

const POLL_MS = 200;

/** A provider's status as it comes over HTTP: amounts are decimal strings. */
export type StatusReply = Omit<AgentStatus, "gasUsed" | "earned"> & { gasUsed: string; earned: string };

/** Asks an agent how it does; undefined if it does not answer. */
export async function fetchStatus(provider: ProviderProcess): Promise<StatusReply | undefined> {
  try {
    const response = await fetch(new URL("/status", provider.url));
    return response.ok ? ((await response.json()) as StatusReply) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Shows what each provider has done, item by item, until stopped: bars on a terminal, a line every few seconds elsewhere.
 */
export function showProgress(
  providers: readonly ProviderProcess[],
  { itemCount, signal }: { itemCount: number; signal: AbortSignal },
): Promise<void> {
  return process.stdout.isTTY
    ? showBars(providers, itemCount, signal)
    : showLines(providers, itemCount, signal);
}

async function showBars(
  providers: readonly ProviderProcess[],
  itemCount: number,
  signal: AbortSignal,
): Promise<void> {
  const multi = new MultiBar(
    {
      format: " {name} {bar} {value} of {total} items  {speed} tokens/s",
      hideCursor: true,
      stopOnComplete: false,
    },
    Presets.shades_classic,
  );
  const bars = providers.map(
    ({ address }, number): SingleBar =>
      multi.create(itemCount, 0, { name: `provider ${number + 1} ${short(address)}`, speed: "–" }),
  );
  await eachPoll(providers, signal, (number, { items, engine }) => {
    bars[number]!.update(items.done + items.failed, { speed: Math.round(engine.tokensPerSecond) });
  });
  multi.stop();
}

async function showLines(
  providers: readonly ProviderProcess[],
  itemCount: number,
  signal: AbortSignal,
): Promise<void> {
  const shown = providers.map(() => 0);
  const step = Math.max(1, Math.ceil(itemCount / 10));
  await eachPoll(providers, signal, (number, { items, engine }) => {
    const finished = items.done + items.failed;
    if (finished < shown[number]! + step) return;
    shown[number] = finished;
    const speed = Math.round(engine.tokensPerSecond);
    console.log(
      `  provider ${number + 1} ${short(providers[number]!.address)}: ${finished} items, ${speed} tokens/s`,
    );
  });
}

/** Polls until the signal, and once more after it so that the last state is shown. */
async function eachPoll(
  providers: readonly ProviderProcess[],
  signal: AbortSignal,
  show: (number: number, status: StatusReply) => void,
): Promise<void> {
  for (let isLast = false; ; isLast = signal.aborted) {
    const replies = await Promise.all(providers.map(fetchStatus));
    replies.forEach((reply, number) => {
      if (reply) show(number, reply);
    });
    if (isLast) return;
    await delay(POLL_MS, undefined, { signal }).catch(() => {});
  }
}

/** The ends of an address, as people compare them. */
export function short(address: string): string {
  return `${address.slice(0, 6)}…${address.slice(-4)}`;
}
