import type { BatchEvent, BatchState, Millrace } from "@millrace/client";
import { MillraceError } from "@millrace/protocol";
import { type Address, isAddressEqual } from "viem";
import { metadataOf, type RunChoices } from "./runChoices.ts";

/** What a page keeps of a run's events; a long batch has very many. */
const MOST_EVENTS = 500;

/** A batch that this tab drives, or drove. */
export interface BatchRun {
  batchId: string;
  /** For whom. */
  account: Address;
  /**
   * `paused`: by the user; the batch itself goes on at its providers, and can be resumed. `elsewhere`: another tab drives
   * it. `stopped`: by what `error` says.
   */
  state: "running" | "paused" | "finished" | "stopped" | "elsewhere";
  choices: RunChoices;
  /** What happened, oldest first; of long runs the latest. */
  events: readonly BatchEvent[];
  error?: unknown;
}

/**
 * The batches that this tab runs. They go on while the user looks at other pages, and stop with the tab or when their
 * account is connected no more; what they need to go on is kept by the client.
 */
export class BatchRuns {
  readonly #runs = new Map<string, BatchRun>();
  readonly #stops = new Map<string, AbortController>();
  readonly #listeners = new Set<() => void>();
  readonly #onStopped: (error: unknown) => void;
  #snapshot: readonly BatchRun[] = [];

  /** @param onStopped called when something else than the user has stopped a run: whoever looks at another page is to know */
  constructor(onStopped: (error: unknown) => void) {
    this.#onStopped = onStopped;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The same array until something changes, as React wants it. */
  readonly all = (): readonly BatchRun[] => this.#snapshot;

  /**
   * Drives a batch on, unless that is being done. What it locks beside the batch's own reserve, for scores of other
   * providers and for bonds, is each time at most as much again.
   *
   * @param choices kept with the batch for the next time
   */
  start(
    millrace: Millrace,
    { batchId, buyer, settlement }: Pick<BatchState, "batchId" | "buyer" | "settlement">,
    choices: RunChoices,
  ): void {
    if (this.#stops.has(batchId)) return;
    const stop = new AbortController();
    this.#stops.set(batchId, stop);
    this.#set({ batchId, account: buyer, state: "running", choices, events: [] });
    const onProgress = (event: BatchEvent) => {
      const { events } = this.#runs.get(batchId)!;
      this.#change(batchId, { events: [...events, event].slice(-MOST_EVENTS) });
    };
    const { escrowed } = settlement;
    const driven = millrace.batches.run({
      batchId,
      metadata: metadataOf(choices),
      onProgress,
      signal: stop.signal,
      pay: choices.paysByHand ? "by-hand" : "checked",
      ...(choices.checksByMarket && {
        check: { verifiers: [millrace.marketVerifier({ maxCost: escrowed })], maxBonds: escrowed },
      }),
    });
    driven.then(
      () => this.#end(batchId, { state: "finished" }),
      (error: unknown) => this.#end(batchId, endOf(stop.signal, error)),
    );
  }

  /** Stops driving a batch. Its lots stay with their providers. */
  pause(batchId: string): void {
    this.#stops.get(batchId)?.abort();
  }

  /** Stops what is driven for other accounts than the connected one. */
  keepTo(account: Address | undefined): void {
    for (const [batchId, stop] of this.#stops) {
      const { account: owner } = this.#runs.get(batchId)!;
      if (account === undefined || !isAddressEqual(owner, account)) stop.abort(notConnected(owner));
    }
  }

  #end(batchId: string, change: Pick<BatchRun, "state" | "error">): void {
    this.#stops.delete(batchId);
    this.#change(batchId, change);
    if (change.state === "stopped") this.#onStopped(change.error);
  }

  #change(batchId: string, change: Partial<BatchRun>): void {
    this.#set({ ...this.#runs.get(batchId)!, ...change });
  }

  #set(run: BatchRun): void {
    this.#runs.set(run.batchId, run);
    this.#snapshot = [...this.#runs.values()];
    for (const listener of this.#listeners) listener();
  }
}

function endOf({ aborted, reason }: AbortSignal, error: unknown): Pick<BatchRun, "state" | "error"> {
  if (aborted)
    return reason instanceof MillraceError ? { state: "stopped", error: reason } : { state: "paused" };
  if (error instanceof MillraceError && error.code === "locked") return { state: "elsewhere" };
  return { state: "stopped", error };
}

function notConnected(account: Address): MillraceError {
  return new MillraceError("The batch's account is not connected any more.", {
    code: "account-changed",
    details: `It belongs to ${account}.`,
    hints: ["Connect that account, and go on."],
  });
}
