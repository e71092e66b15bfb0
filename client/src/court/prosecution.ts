import {
  courtAbi,
  encodeDeliveryEvidence,
  encryptionKeysOf,
  hashChunks,
  identityFromBytes,
  type Job,
  type Lot,
  localChainIds,
  type PositionalTree,
  seal,
  unpackDocket,
} from "@millrace/protocol";
import {
  bytesToHex,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type EncodeFunctionDataParameters,
  encodeFunctionData,
  type Hex,
  hexToBytes,
  keccak256,
} from "viem";
import type { OnProgress } from "../batches/events.ts";
import type { LotView } from "../batches/jobView.ts";
import { describeLot } from "../batches/progress.ts";
import type { JobRecord } from "../batches/record.ts";
import type { FaultyItem } from "../check/checkLot.ts";
import { ContractError, withChainErrors } from "../core/chainErrors.ts";
import type { SigningCore } from "../core/core.ts";
import { type AuditSecret, auditSecretOf, auditTreeOf } from "../input/auditSecrets.ts";
import type { JobInput } from "../input/items.ts";
import { allLotResults } from "../lots/lotResults.ts";
import { putOnRelays } from "../lots/putOnRelays.ts";
import { bondsOf, heardCases } from "./bonds.ts";
import { buildEvidence } from "./buildEvidence.ts";
import type { CaseView } from "./caseView.ts";
import { sealedEvidence } from "./evidenceFile.ts";
import { itemLeaves } from "./itemLeaves.ts";
import { type CaseStep, nextStepOf } from "./nextStep.ts";
import { readHearing } from "./readHearing.ts";
import { readSeatKeys } from "./seatKeys.ts";
import { challengeSecretOf, evidenceSecretOf } from "./secrets.ts";
import { sendChallenge } from "./sendChallenge.ts";

/** The Court hears a lot so often. */
const MOST_CHALLENGES = 2;
/** And lets its delivery be demanded so often. */
const MOST_DEMANDS = 2;
/** So much of the window is left to who delivers late, and of the time to object to who delivers at the last moment. */
const PATIENT_SHARE = 1 / 2;

export interface ProsecutionOptions {
  batchId: string;
  job: JobRecord;
  input: JobInput;
  /** See `CheckOptions`. */
  appeals: number;
  maxBonds: bigint | undefined;
  /** Runs work that sends transactions, once at a time under each name; `delay` makes a name wait before its next start. */
  transact: (name: string, work: () => Promise<void>) => void;
  delay: (name: string) => void;
  onProgress: OnProgress;
  signal: AbortSignal;
}

/** What became of the dispute about a lot whose computation this client found to be wrong. */
export type Dispute =
  /** It goes on, or is about to begin. */
  | { state: "open" }
  /** The court does not call it a fault: the lot is to be paid. */
  | { state: "lost" }
  /** The court will not hear it, or could not decide. */
  | { state: "unheard"; reason: string };

type Call = {
  [Name in ContractFunctionName<typeof courtAbi, "nonpayable">]: {
    functionName: Name;
    args: ContractFunctionArgs<typeof courtAbi, "nonpayable", Name>;
  };
}[ContractFunctionName<typeof courtAbi, "nonpayable">];

/**
 * Takes lots that are computed otherwise than agreed to court, and their cases to an end. All that it needs derives from
 * the job's secret, the chain's events and the results that are kept, so another process can go on with any of it.
 */
export class Prosecution {
  readonly #core: SigningCore;
  readonly #options: ProsecutionOptions;
  /** Why a lot is not challenged (again), by id and commitment. */
  readonly #unheard = new Map<string, string>();
  /** Cases whose evidence this process has put on a relay. */
  readonly #shown = new Set<string>();
  #auditTree: PositionalTree | undefined;

  constructor(core: SigningCore, options: ProsecutionOptions) {
    this.#core = core;
    this.#options = options;
  }

  /** Where the dispute about a faulty lot stands. */
  disputeOf(view: LotView): Dispute {
    const heard = heardCases(view);
    const last = heard.at(-1);
    const verdict = last?.ending?.verdict;
    if (verdict === "rejected" || verdict === "inconclusive") return { state: "lost" };
    const reason = this.#unheard.get(keyOf(view));
    if (reason !== undefined) return { state: "unheard", reason };
    if (verdict === "none" && heard.length >= MOST_CHALLENGES) {
      return { state: "unheard", reason: "no jury came together that could decide" };
    }
    return { state: "open" };
  }

  /** Does what a faulty lot, or a live case of a lot, needs next. */
  attend(
    view: LotView,
    { job: terms, lots }: { job: Job; lots: ReadonlyMap<Hex, LotView> },
    { fault, now }: { fault: FaultyItem | undefined; now: number },
  ): void {
    const { lotId, status } = view;
    const { transact, delay } = this.#options;
    const last = view.cases.at(-1);
    const name = `court ${lotId}`;
    if (status === "challenged" && last) {
      // Else the job's auditor is: they have the secrets and the evidence.
      const isOurs = last.challenger?.toLowerCase() === view.lot.buyer.toLowerCase();
      const mayAppeal = fault !== undefined && last.round < this.#options.appeals;
      const step = nextStepOf(last, { now, isOurs, mayAppeal });
      if (step) transact(name, () => this.#unlessRefused(name, () => this.#take(step, view, last, terms)));
    } else if (status === "submitted" && fault && this.disputeOf(view).state === "open") {
      if (now > (view.windowEnd ?? 0)) {
        this.#unheard.set(keyOf(view), "its window is over");
        return;
      }
      transact(name, async () => {
        await this.#challenge(view, terms, { fault, atStake: bondsOf(lots.values()) });
        // A node behind the one that mined it may not tell of it yet.
        delay(name);
      });
    }
  }

  /** Whether results can still be demanded, or the demand for them leads somewhere. */
  mayDemand({ status, cases, windowEnd = 0 }: LotView, now: number): boolean {
    const demands = cases.filter(({ kind }) => kind === "delivery");
    if (status === "challenged") return demands.at(-1)?.ending === undefined && demands.length > 0;
    if (status !== "submitted" || now > windowEnd) return false;
    return demands.length < MOST_DEMANDS && demands.every(({ ending }) => ending?.verdict !== "rejected");
  }

  /**
   * Demands results that no relay has, and disputes an answer that does not bring them.
   *
   * @param isHopeless the results are there and are not what was committed to: then nothing is to be waited for
   */
  attendDelivery(view: LotView, terms: Job, { now, isHopeless }: { now: number; isHopeless: boolean }): void {
    const { lotId, lot, status, cases, windowEnd = 0 } = view;
    const { transact, delay } = this.#options;
    const name = `court ${lotId}`;
    const last = cases.at(-1);
    if (status === "challenged" && last?.phase === "answered") {
      const atTime = isHopeless ? Number.POSITIVE_INFINITY : now;
      transact(name, () => this.#unlessRefused(name, () => this.#object(view, last, terms, atTime)));
      return;
    }
    const isTime = isHopeless || now > windowEnd - lot.windowSeconds * PATIENT_SHARE;
    if (status !== "submitted" || !isTime || !this.mayDemand(view, now)) return;
    transact(name, async () => {
      await this.#unlessRefused(name, () =>
        this.#send({ functionName: "demandDelivery", args: [terms, lot] }),
      );
      delay(name);
    });
  }

  async #object({ lotId, lot }: LotView, { number }: CaseView, terms: Job, now: number): Promise<void> {
    const { network, publicClient } = this.#core;
    const docket = await withChainErrors(() =>
      publicClient.readContract({
        address: network.court,
        abi: courtAbi,
        functionName: "docketOf",
        args: [lotId],
      }),
    );
    const { deadline, phaseSeconds } = unpackDocket(docket);
    // What was delivered just now has not been looked at yet.
    if (now < deadline - phaseSeconds * PATIENT_SHARE) return this.#options.delay(`court ${lotId}`);
    const commitment = keccak256(challengeSecretOf(this.#options.job.secret, lotId, number));
    await this.#send({ functionName: "objectDelivery", args: [terms, lot, commitment] });
  }

  async #challenge(
    view: LotView,
    terms: Job,
    { fault, atStake }: { fault: FaultyItem; atStake: bigint },
  ): Promise<void> {
    const { lot, lotId, submission } = view;
    const { job, maxBonds, onProgress } = this.#options;
    if (!submission) return;
    const giveUp = (reason: string) => {
      this.#unheard.set(keyOf(view), reason);
      onProgress({ type: "challenge-impossible", reason, ...describeLot(lotId, lot) });
    };
    try {
      const challenges = heardCases(view).length;
      const hearing = { job: terms, lot, challenges, atStake, maxBonds };
      const { obstacle } = await readHearing(this.#core, hearing);
      if (obstacle !== undefined) return giveUp(obstacle);
      const audit = this.auditSecretOf(lot);
      await sendChallenge(this.#core, { view, terms, submission, secret: job.secret, audit, ...fault });
    } catch (error) {
      if (!(error instanceof ContractError)) throw error;
      giveUp(`the contract refused it: ${error.errorName}`);
    }
  }

  async #take(step: CaseStep, view: LotView, live: CaseView, terms: Job): Promise<void> {
    const { lot, lotId } = view;
    switch (step) {
      case "open-evidence":
        return this.#openEvidence(view, live, terms);
      case "draw":
        return this.#draw(lotId, lot, terms);
      case "share-keys":
        return this.#shareKeys(view, live, terms);
      case "decide":
        return this.#send({ functionName: "decide", args: [lotId] });
      case "appeal":
        return this.#send({ functionName: "appeal", args: [lot] });
      case "conclude":
        if (live.kind === "item" && live.verdict === "fault") return this.#concludeItem(view, live);
        return this.#send({ functionName: "conclude", args: [lot] });
    }
  }

  /** An item that is voided has to be shown, for the chain to tell what it counts. */
  async #concludeItem({ lot, lotId, submission }: LotView, { index }: CaseView): Promise<void> {
    const { batchId, input, job } = this.#options;
    const results = await allLotResults(this.#core, { batchId, lotId });
    const leaves = itemLeaves({ lot, classHash: job.classHash, input, results, index });
    await this.#send({ functionName: "concludeItem", args: [lot, submission!, ...leaves] });
  }

  async #openEvidence(view: LotView, live: CaseView, terms: Job): Promise<void> {
    const { lot, lotId } = view;
    const secret = challengeSecretOf(this.#options.job.secret, lotId, live.number);
    const isDelivery = live.kind === "delivery";
    const shown = isDelivery ? this.#showLeaves(lot) : this.#showEvidence(view, live, terms);
    const evidenceHash = hashChunks(await shown);
    try {
      const args = [lotId, secret, live.providerSecret, evidenceHash] as const;
      await this.#send({ functionName: "openEvidence", args });
    } catch (error) {
      if (!(error instanceof ContractError) || error.errorName !== "Court_TooLate") throw error;
      await this.#send({ functionName: "conclude", args: [lot] });
    }
  }

  /** Puts a case's evidence on the relays, once in this process. */
  async #showEvidence(view: LotView, { number, position, index }: CaseView, terms: Job): Promise<Uint8Array> {
    const { lot, lotId, submission } = view;
    const { batchId, job, input, signal } = this.#options;
    const sealed = await sealedEvidence(this.#core, {
      batchId,
      lotId,
      challenge: number,
      make: async () => {
        const results = await allLotResults(this.#core, { batchId, lotId });
        const evidence = buildEvidence({
          job: terms,
          lot,
          submission: submission!,
          classHash: job.classHash,
          input,
          results,
          audit: this.auditSecretOf(lot),
          position,
          index,
        });
        const identity = identityFromBytes(hexToBytes(evidenceSecretOf(job.secret, lotId, number)));
        return seal((await encryptionKeysOf(identity)).publicKey, evidence);
      },
    });
    const key = `${lotId} ${number}`;
    if (this.#shown.has(key)) return sealed;
    await putOnRelays(this.#core, { lot, kind: "evidence", bytes: sealed, signal });
    this.#shown.add(key);
    return sealed;
  }

  /** Jurors of a delivery look for the delivery itself, and need no more than to know what it is to answer. */
  async #showLeaves(lot: Lot): Promise<Uint8Array> {
    const { input, signal } = this.#options;
    const { firstItem, itemCount } = lot;
    const bytes = encodeDeliveryEvidence({
      inputLeaves: input.leaves.slice(firstItem, firstItem + itemCount),
      proof: input.tree.rangeProof(firstItem, itemCount),
    });
    await putOnRelays(this.#core, { lot, kind: "evidence", bytes, signal });
    return bytes;
  }

  async #draw(lotId: Hex, lot: Lot, terms: Job): Promise<void> {
    try {
      await this.#send({ functionName: "draw", args: [terms, lot] });
    } catch (error) {
      if (!(error instanceof ContractError) || error.errorName !== "Court_NoEntropy") throw error;
      await this.#awaitEntropy(lotId);
    }
  }

  /** The block that decides the draw is not there yet, or too long ago. */
  async #awaitEntropy(lotId: Hex): Promise<void> {
    const { network, account, sender } = this.#core;
    try {
      await this.#send({ functionName: "rearm", args: [lotId] });
    } catch (error) {
      if (!(error instanceof ContractError) || !localChainIds.includes(network.chainId)) throw error;
      // A local chain makes no block while nobody sends anything.
      await sender.send({ to: account.address, data: "0x" });
    }
  }

  async #shareKeys(view: LotView, live: CaseView, terms: Job): Promise<void> {
    const { lot, lotId } = view;
    // A relay may have lost it, or another process may have put it there and not here.
    await this.#showEvidence(view, live, terms);
    const secret = hexToBytes(evidenceSecretOf(this.#options.job.secret, lotId, live.number));
    const keys = await readSeatKeys(this.#core, live.seatIds);
    const wrapped = await Promise.all(keys.map((key) => wrap(key, secret)));
    await this.#send({ functionName: "shareKeys", args: [lot, wrapped] });
  }

  /** The secret of a lot's audit set. */
  auditSecretOf(lot: Lot): AuditSecret {
    const { job } = this.#options;
    this.#auditTree ??= auditTreeOf(job.secret, job.request.itemCount);
    return auditSecretOf(this.#auditTree, job.secret, lot);
  }

  /** Somebody was quicker, or our clock is ahead of the chain's: the events will tell. */
  async #unlessRefused(name: string, work: () => Promise<void>): Promise<void> {
    const { delay, onProgress } = this.#options;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ContractError)) throw error;
      if (error.errorName === "Ledger_InsufficientFree") onProgress({ type: "warning", error });
      delay(name);
    }
  }

  async #send(call: Call): Promise<void> {
    const { network, sender } = this.#core;
    // Each call was made with the arguments of its function.
    const data = encodeFunctionData({ abi: courtAbi, ...call } as EncodeFunctionDataParameters);
    await sender.send({ to: network.court, data });
  }
}

const keyOf = ({ lotId, commitment }: LotView) => `${lotId} ${commitment}`;

/** A key that nothing can be encrypted to gets nothing: its juror says so by their vote. */
async function wrap(key: Hex, secret: Uint8Array): Promise<Hex> {
  try {
    const sealed = await seal(key, secret);
    return bytesToHex(sealed);
  } catch {
    return "0x";
  }
}
