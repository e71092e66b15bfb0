import { MultiBar, Presets, type SingleBar } from "cli-progress";
import type { Address } from "viem";
import type { BatchEvent } from "../batches/events.ts";
import { amount, short } from "./print.ts";

/** Shows a batch's events on standard error until disposed. */
export interface ProgressView extends Disposable {
  show(event: BatchEvent): void;
}

/** Bars, one for each provider, on a terminal; a line for each step elsewhere. */
export function showProgress(): ProgressView {
  return process.stderr.isTTY ? showBars() : showLines();
}

function showBars(): ProgressView {
  const multi = new MultiBar(
    {
      format: " {name} {bar} {value} of {total} requests  {state}",
      stream: process.stderr,
      hideCursor: true,
      clearOnComplete: false,
    },
    Presets.shades_classic,
  );
  const bars = new Map<Address, { bar: SingleBar; total: number }>();
  const barOf = (provider: Address) => {
    const known = bars.get(provider);
    if (known) return known;
    const entry = { bar: multi.create(0, 0, { name: short(provider), state: "" }), total: 0 };
    bars.set(provider, entry);
    return entry;
  };
  const resize = (provider: Address, items: number, state: string) => {
    const entry = barOf(provider);
    entry.total += items;
    entry.bar.setTotal(entry.total);
    entry.bar.update({ state });
  };
  const say = (text: string) => multi.log(`${text}\n`);
  return {
    show(event) {
      switch (event.type) {
        case "lot-assigned":
          return resize(event.provider, event.itemCount, "working");
        case "lot-verified":
          return barOf(event.provider).bar.increment(event.itemCount, { state: "checked" });
        case "lot-settled":
          return barOf(event.provider).bar.update({ state: `paid ${amount(event.paid)}` });
        case "lot-reopened":
          return resize(event.provider, -event.itemCount, event.cause);
        default: {
          const line = describe(event);
          if (line) say(line);
        }
      }
    },
    [Symbol.dispose]: () => multi.stop(),
  };
}

function showLines(): ProgressView {
  return {
    show(event) {
      const line = describe(event);
      if (line) console.error(line);
    },
    [Symbol.dispose]: () => {},
  };
}

/** An event in words; undefined for those that say nothing new to a reader. */
function describe(event: BatchEvent): string | undefined {
  switch (event.type) {
    case "started":
      return `${event.isResumed ? "resuming" : "starting"} ${event.batchId}`;
    case "opened":
      return `job ${short(event.jobId)} is open: ${event.itemCount} requests for ${event.model}`;
    case "lot-assigned":
      return `${ofLot(event)}: taken by ${short(event.provider)}${event.attempt > 0 ? " after another failed" : ""}`;
    case "checking":
      return event.reason === undefined
        ? `requests of ${short(event.jobId)} are computed again in part: ${event.trust}`
        : `requests of ${short(event.jobId)} are not computed again, as ${event.reason}: ${event.trust}`;
    case "lot-checked":
      return `${ofLot(event)}: ${event.items} computed again, ${times(event.ratio)} the tolerance`;
    case "lot-faulty":
      return `${ofLot(event)}: ${short(event.provider)} did NOT compute request ${event.item + 1} as agreed, ${times(event.ratio)} the tolerance`;
    case "challenge-impossible":
      return `${ofLot(event)}: not taken to court, as ${event.reason}`;
    case "delivery-demanded":
      return `${ofLot(event)}: ${short(event.provider)} has to deliver once more`;
    case "case-opened":
      return `${ofLot(event)}: in court about request ${event.item + 1}, with a bond of ${amount(event.bond)}`;
    case "jury-drawn":
      return `${ofLot(event)}: jurors ${event.seatIds.join(", ")} are drawn`;
    case "verdict":
      return `${ofLot(event)}: the jury says ${event.verdict}${event.ratio === undefined ? ", for want of evidence" : `, ${times(event.ratio)} the tolerance`}`;
    case "case-appealed":
      return `${ofLot(event)}: appealed`;
    case "case-concluded":
      return `${ofLot(event)}: the case is over: ${event.verdict}; ${amount(event.returned)} of ${amount(event.bonds)} returned`;
    case "lot-verified":
      return `${ofLot(event)}: answered, ${event.trust}${event.failedItems > 0 ? `, ${event.failedItems} failed` : ""}`;
    case "lot-settled":
      return `${ofLot(event)}: paid ${amount(event.paid)} to ${short(event.provider)}`;
    case "lot-unverified":
      return `${ofLot(event)}: NOT accepted from ${short(event.provider)} [${event.code}]: ${event.message}`;
    case "lot-reopened":
      return `${ofLot(event)}: ${reopenings[event.cause]} ${short(event.provider)}, open again`;
    case "lot-held":
      return `${ofLot(event)}: held, ${event.cause === "demanded" ? "a receipt is demanded" : "it is challenged"}`;
    case "topped-up":
      return `limits raised to ${amount(event.promptLimitPerMillion)} and ${amount(event.outputLimitPerMillion)} per million prompt and output tokens`;
    case "lot-closed":
      return undefined;
    case "bid-closed":
      return `${ofLot(event)}: withdrawn, as nobody took them`;
    case "warning":
      return `warning [${event.error.code}]: ${event.error.shortMessage}`;
    case "input-sent":
    case "lot-submitted":
    case "done":
      return undefined;
  }
}

const times = (ratio: number) => `${ratio.toPrecision(2)} ×`;

const reopenings = { released: "released by", expired: "expired by", slashed: "taken from" } as const;

const ofLot = ({ firstItem, itemCount }: { firstItem: number; itemCount: number }) =>
  `requests ${firstItem + 1} to ${firstItem + itemCount}`;
