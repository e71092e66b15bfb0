import {
  type Fault,
  type ItemResult,
  isFailure,
  type Job,
  MillraceError,
  type Submission,
} from "@millrace/protocol";
import type { Hex } from "viem";
import { checkResults } from "../check/checkResults.ts";
import type { JobVerifier } from "../check/jobVerifier.ts";
import type { CheckOptions } from "../check/options.ts";
import { countConviction } from "../check/providerRecord.ts";
import { chainTime } from "../core/chainTime.ts";
import type { SigningCore } from "../core/core.ts";
import { readLotState } from "../core/lotState.ts";
import { retryReads } from "../core/retryReads.ts";
import { Tasks } from "../core/tasks.ts";
import { Prosecution } from "../court/prosecution.ts";
import { type Departure, followReceipts } from "../demands/followReceipts.ts";
import type { JobInput } from "../input/items.ts";
import { type KeptLot, keepLotResults } from "../lots/lotResults.ts";
import { sendInput } from "../lots/sendInput.ts";
import { type Verdict, verifyLot } from "../lots/verifyLot.ts";
import { limitsOf, type Prices } from "../market/pricing.ts";
import type { OnProgress } from "./events.ts";
import { followJob } from "./jobLog.ts";
import type { JobOutcome, LotFailure } from "./jobOutcome.ts";
import { isCommitted, isHeld, type JobView, type LotView, viewJob } from "./jobView.ts";
import { closeLots, expireLot, payLots, proveFault, staleLots } from "./lotActions.ts";
import { describeLot, ProgressTeller } from "./progress.ts";
import type { JobRecord } from "./record.ts";

/** At once; a lot's bytes are in memory meanwhile. */
const MOST_UPLOADS = 8;
/** At once; more than uploads, so that providers who withhold results do not hold up the others' lots. */
const MOST_CHECKS = 32;
/** How long an aborted run waits for what it has under way, such as a transaction just sent. */
const ABORT_GRACE_MS = 5_000;

/** When checked lots are paid: at once, or when their window is over. */
export type PayOption = "checked" | "by-hand";

export interface RunJobOptions {
  batchId: string;
  job: JobRecord;
  input: JobInput;
  /** Lots whose checked results are kept already. */
  kept: ReadonlyMap<Hex, KeptLot>;
  /** Who computes items again, and how many. */
  jobVerifier: JobVerifier;
  check: CheckOptions | undefined;
  pay: PayOption;
  /** How long, in seconds, something may lie unclaimed before it is withdrawn. */
  patienceSeconds: number;
  onProgress: OnProgress;
  signal: AbortSignal;
}

/**
 * Drives an open job to its end: sends inputs to whoever takes lots, checks and pays what comes back, proves the faults of
 * what is provably wrong, expires what is late and withdraws what nobody takes.
 *
 * All decisions are made from the chain's events; everything done can be done again, so it may be aborted at any time.
 *
 * @throws the signal's reason when it aborts
 */
export async function runJob(core: SigningCore, options: RunJobOptions): Promise<JobOutcome> {
  const { onProgress, signal } = options;
  const warn = (error: MillraceError) => onProgress({ type: "warning", error });
  const run = new JobRun(core, options, new Tasks({ clock: core.clock, signal, onError: warn }));
  try {
    return await run.drive(warn);
  } finally {
    const { clock } = core;
    await (signal.aborted
      ? Promise.race([run.tasks.settled(), clock.sleep(ABORT_GRACE_MS)])
      : run.tasks.settled());
  }
}

class JobRun {
  readonly tasks: Tasks;
  readonly #core: SigningCore;
  readonly #options: RunJobOptions;
  readonly #teller: ProgressTeller;
  /** Lots whose input a relay has. */
  readonly #sent = new Set<Hex>();
  /** Lots whose results are kept. */
  readonly #kept: Map<Hex, KeptLot>;
  readonly #prosecution: Prosecution;
  /** Commitments of lots whose results are not there, or not right, yet. */
  readonly #missing = new Map<Hex, Hex>();
  readonly #failures: JobOutcome["failures"] = new Map();
  /** Why the run cannot go on, such as a lack of gas money. */
  #fatal: unknown;

  constructor(core: SigningCore, options: RunJobOptions, tasks: Tasks) {
    this.#core = core;
    this.#options = options;
    this.#kept = new Map(options.kept);
    this.#teller = new ProgressTeller(options.job, options.onProgress);
    this.tasks = tasks;
    this.#prosecution = new Prosecution(core, {
      ...options,
      appeals: options.check?.appeals ?? 0,
      maxBonds: options.check?.maxBonds,
      transact: (name, work) => this.#transact(name, work),
      delay: (name) => tasks.delay(name),
    });
  }

  async drive(warn: (error: MillraceError) => void): Promise<JobOutcome> {
    const { job, signal } = this.#options;
    const log = followJob(this.#core, job);
    for (;;) {
      const [logs, now] = await retryReads(() => Promise.all([log.poll(), chainTime(this.#core)]), {
        clock: this.#core.clock,
        signal,
        onError: warn,
      });
      if (this.#fatal) throw this.#fatal;
      const view = viewJob(logs);
      this.#teller.tell(view);
      for (const lot of view.lots.values()) this.#attend(lot, view, now);
      this.#accept(view);
      this.#settle(view, now);
      this.#withdraw(view, now);
      if (this.#isDone(view, now)) return { view, logs, failures: this.#failures, kept: this.#kept };
      await this.tasks.rest(this.#core.pollingIntervalMs);
      signal.throwIfAborted();
    }
  }

  /** Does what one lot needs by itself. */
  #attend(view: LotView, job: JobView, now: number): void {
    const { lotId, lot, status } = view;
    if (status === "assigned") {
      if (now > lot.deadline) this.#transact(`expire ${lotId}`, () => this.#expire(view));
      else if (!this.#sent.has(lotId)) {
        this.#transfer("input", MOST_UPLOADS, lotId, () =>
          this.#orEnd(() => this.#send(view), ["wallet-rejected", "wrong-chain"]),
        );
      }
    }
    // A lot that its provider settled after the window may still bring its results.
    if ((isCommitted(status) || status === "settled") && !this.#isDecided(view)) {
      this.#transfer("verify", MOST_CHECKS, lotId, () => this.#orEnd(() => this.#verify(view, job)));
    }
    const { fault, departure } = (isCommitted(status) && this.#failureOf(view)) || {};
    if (fault) this.#transact(`prove ${lotId}`, () => this.#prove(view, fault));
    else if (departure) this.#transact(`demand ${lotId}`, () => this.#demand(view, job, departure));
    else if (job.job) this.#dispute(view, { ...job, job: job.job }, now);
  }

  /** Takes to court what was not computed as agreed. */
  #dispute(view: LotView, job: JobView & { job: Job }, now: number): void {
    const { lotId, lot, status, commitment, cases } = view;
    const fault = this.#isVerified(view) ? this.#kept.get(lotId)?.check?.fault : undefined;
    if (isCommitted(status)) this.#prosecution.attend(view, job, { fault, now });
    const isMissing = commitment && this.#missing.get(lotId) === commitment && !this.#isDecided(view);
    const isHopeless = this.#failureOf(view)?.isUndelivered ?? false;
    if (isMissing || isHopeless) this.#prosecution.attendDelivery(view, job.job, { now, isHopeless });
    if (cases.at(-1)?.ending?.verdict === "fault") {
      this.tasks.startOnce(`convict ${lotId}`, () =>
        countConviction(this.#core, { provider: lot.provider, lotId }),
      );
    }
    if (!fault || !commitment || this.#failures.has(lotId)) return;
    const dispute = this.#prosecution.disputeOf(view);
    const isPaid = status === "settled" && dispute.state === "open";
    if (dispute.state !== "unheard" && !isPaid) return;
    const reason = dispute.state === "unheard" ? dispute.reason : "it was paid before a jury could decide";
    const message = `Item ${lot.firstItem + fault.index} was not computed as agreed, and ${reason}.`;
    this.#fail(view, { code: "wrong-computation", message, commitment });
  }

  #fail({ lotId, lot }: LotView, failure: LotFailure): void {
    this.#failures.set(lotId, failure);
    const { code, message } = failure;
    this.#options.onProgress({ type: "lot-unverified", code, message, ...describeLot(lotId, lot) });
  }

  #transfer(kind: string, most: number, lotId: Hex, work: () => Promise<void>): void {
    if (this.tasks.countRunning(kind) < most) this.tasks.start(`${kind} ${lotId}`, work);
  }

  #transact(name: string, work: () => Promise<unknown>): void {
    this.tasks.start(name, () => this.#orEnd(work));
  }

  /** Work whose failure for good, or with one of these codes, ends the run: without it nothing can be finished. */
  async #orEnd(work: () => Promise<unknown>, codes?: readonly string[]): Promise<void> {
    try {
      await work();
    } catch (error) {
      const isKnown = error instanceof MillraceError;
      const isMeant = codes === undefined || (isKnown && codes.includes(error.code));
      if (isMeant && !(isKnown && error.retryable)) this.#fatal = error;
      throw error;
    }
  }

  #isVerified({ lotId, commitment }: LotView): boolean {
    return commitment !== undefined && this.#kept.get(lotId)?.commitment === commitment;
  }

  /** Whether a lot is to be paid: its results are right, or the court has said that they are. */
  #isPayable(lot: LotView): boolean {
    if (!this.#isVerified(lot) || this.#failureOf(lot)) return false;
    return !this.#kept.get(lot.lotId)?.check?.fault || this.#prosecution.disputeOf(lot).state === "lost";
  }

  #failureOf({ lotId, commitment }: LotView): LotFailure | undefined {
    const failure = this.#failures.get(lotId);
    return commitment !== undefined && failure?.commitment === commitment ? failure : undefined;
  }

  #isDecided(lot: LotView): boolean {
    return this.#isVerified(lot) || this.#failureOf(lot) !== undefined;
  }

  /** Whether a lot's results are wrong, and nothing more can be done about it. */
  #isGivenUp(lot: LotView, now: number): boolean {
    const failure = this.#failureOf(lot);
    if (!failure || failure.fault || failure.departure) return false;
    return !failure.isUndelivered || !this.#prosecution.mayDemand(lot, now);
  }

  async #send({ lotId, lot, encryptionKey }: LotView): Promise<void> {
    const { input, signal, onProgress } = this.#options;
    await sendInput(this.#core, { lot, encryptionKey, input, signal });
    this.#sent.add(lotId);
    onProgress({ type: "input-sent", ...describeLot(lotId, lot) });
  }

  async #verify(view: LotView, { job: terms }: JobView): Promise<void> {
    const { lotId, lot, status, submission, commitment } = view;
    const { job, input, signal } = this.#options;
    if (!submission || !commitment || !terms) return;
    const { classHash, secret } = job;
    const isSettled = status === "settled";
    const { wrappedKey } = view.cases.at(-1) ?? {};
    const options = { lot, submission, isSettled, job: terms, classHash, secret, input, wrappedKey, signal };
    const verdict = await verifyLot(this.#core, options).catch((error: unknown): Verdict => {
      if (!(error instanceof MillraceError) || error.retryable) throw error;
      // A relay that refuses now may give in, or another may turn up, while the window lasts.
      return { outcome: "missing", code: "results-missing", message: error.shortMessage };
    });
    if (verdict.outcome === "verified") {
      const limits = limitsOf(terms.request);
      return this.#keep(view, verdict.results, { submission, commitment, limits });
    }
    const { code, message } = verdict;
    if (verdict.outcome === "missing" && !(await this.#isWindowOver(lotId))) {
      this.#missing.set(lotId, commitment);
      this.tasks.delay(`verify ${lotId}`);
      return;
    }
    const { fault, departure } = verdict.outcome === "wrong" ? verdict : {};
    this.#fail(view, {
      code,
      message,
      commitment,
      ...(fault && { fault }),
      ...(departure && { departure }),
    });
  }

  /** Computes some of a lot's items again, if somebody can, and keeps its results. */
  async #keep(
    { lotId, lot }: LotView,
    delivered: readonly ItemResult[],
    { submission, commitment, limits }: { submission: Submission; commitment: Hex; limits: Prices },
  ): Promise<void> {
    const { batchId, check: plan = {}, onProgress } = this.#options;
    const { check, results } = await checkResults(this.#core, {
      ...this.#options,
      lot,
      limits,
      commitment,
      results: delivered,
      plan,
      auditSecretOf: (one) => this.#prosecution.auditSecretOf(one),
      onWarning: (error) => onProgress({ type: "warning", error }),
    });
    const kept: KeptLot = { commitment, submission, ...(check && { check }) };
    await keepLotResults(this.#core, { batchId, lotId, ...kept, results });
    this.#kept.set(lotId, kept);
    const about = describeLot(lotId, lot);
    if (check) onProgress({ type: "lot-checked", items: check.items, ratio: check.ratio, ...about });
    if (check?.fault) {
      const { index, ratio } = check.fault;
      onProgress({ type: "lot-faulty", item: lot.firstItem + index, ratio, ...about });
      return;
    }
    const failedItems = results.filter(({ stopReason }) => isFailure(stopReason)).length;
    const trust = check?.trust ?? "objective faults only";
    onProgress({ type: "lot-verified", failedItems, trust, ...about });
  }

  /** Until the window ends the provider may still deliver; afterwards it is paid by default. */
  async #isWindowOver(lotId: Hex): Promise<boolean> {
    const [state, now] = await Promise.all([readLotState(this.#core, lotId), chainTime(this.#core)]);
    return !isCommitted(state.status) || now > state.timestamp;
  }

  /** Pays all checked lots in one transaction. */
  #accept(view: JobView): void {
    if (this.#options.pay === "by-hand") return;
    const payable = [...view.lots.values()].filter(
      (lot) => lot.status === "submitted" && this.#isPayable(lot),
    );
    if (payable.length > 0) this.#transact("accept", () => payLots(this.#core, "accept", payable));
  }

  /**
   * Pays checked lots whose hold ended with nothing decided: they cannot be accepted, and anyone may settle them. So too
   * those that were left to be accepted by hand.
   */
  #settle(view: JobView, now: number): void {
    const mayPay = this.#options.pay === "by-hand" ? isCommitted : isHeld;
    const payable = [...view.lots.values()].filter(
      (lot) => mayPay(lot.status) && now > (lot.windowEnd ?? 0) && this.#isPayable(lot),
    );
    if (payable.length === 0) return;
    this.#transact("settle", async () => {
      await payLots(this.#core, "settle", payable);
      // Our clock may be ahead of the chain's, which then skips them.
      this.tasks.delay("settle");
    });
  }

  /** Shows the chain what is wrong: the lot is slashed, and its items go to another provider. */
  async #prove({ lotId }: LotView, fault: Fault): Promise<void> {
    if (await proveFault(this.#core, fault)) this.tasks.delay(`prove ${lotId}`);
    else delete this.#failures.get(lotId)?.fault;
  }

  /** Lets the provider show receipts, until they prove what is wrong or it fails to show one. */
  async #demand({ lotId, lot, submission }: LotView, { job }: JobView, departure: Departure): Promise<void> {
    const { input, job: record } = this.#options;
    const failure = this.#failures.get(lotId);
    if (!submission || !job || !failure) return;
    const { fromBlock } = record;
    const options = { job, lot, submission, departure, input, fromBlock };
    const followed = await followReceipts(this.#core, options);
    if (followed.state === "waiting") {
      this.tasks.delay(`demand ${lotId}`);
      return;
    }
    delete failure.departure;
    if (followed.state === "proven") failure.fault = followed.fault;
    else failure.isUndelivered = true;
  }

  async #expire({ lotId, lot }: LotView): Promise<void> {
    if (!(await expireLot(this.#core, lot))) this.tasks.delay(`expire ${lotId}`);
  }

  /** Withdraws the bid and those reopened lots that have lain unclaimed for too long. */
  #withdraw(view: JobView, now: number): void {
    const { patienceSeconds } = this.#options;
    const terms = view.job;
    if (!terms) return;
    const open = [...view.lots.values()].filter(({ status }) => status === "open");
    const isBidStale = view.bidItems > 0 && now > terms.openedAt + patienceSeconds;
    if (!isBidStale && open.length === 0) return;
    this.#transact("withdraw", async () => {
      const stale = await staleLots(this.#core, open, { now, patienceSeconds });
      if (isBidStale || stale.length > 0) await closeLots(this.#core, terms, stale);
      else this.tasks.delay("withdraw");
    });
  }

  #isDone({ job, bidItems, lots }: JobView, now: number): boolean {
    if (!job || bidItems > 0) return false;
    return [...lots.values()].every((lot) => {
      switch (lot.status) {
        case "settled":
          return this.#isDecided(lot);
        case "submitted":
          // Checked ones are about to be paid, or to be taken to court. One that neither hashes nor a jury can tell to be
          // wrong stays.
          return this.#isGivenUp(lot, now);
        case "demanded":
        case "challenged":
          return this.#isGivenUp(lot, now) && now > (lot.windowEnd ?? 0);
        case "closed":
          return true;
        default:
          return false;
      }
    });
  }
}
