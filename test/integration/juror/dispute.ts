import {
  AUDIT_ATTEMPTS,
  auditItemAt,
  auditSeedOf,
  type BlobKind,
  commitmentOf,
  decodeResults,
  encodeEvidence,
  encodeInput,
  encodeResults,
  generateEncryptionKeys,
  getBlob,
  hashChain,
  hashChunks,
  type ItemInput,
  type ItemResult,
  identityBytes,
  identityFromBytes,
  itemLeaf,
  type Job,
  judgedItems,
  type Lot,
  lotIdOf,
  marketAbi,
  modelIdOf,
  NOT_IN_AUDIT_SET,
  PositionalTree,
  putBlob,
  randomSecret,
  rangeOf,
  type Submission,
  seal,
  termsOf,
  open as unseal,
  writeReceipts,
} from "@millrace/protocol";
import { inferItem } from "@millrace/provider-agent";
import { bytesToHex, type Hex, keccak256, zeroHash } from "viem";
import { eventually } from "../agent/eventually.ts";
import { buyer, type Courtroom, provider } from "./courtroom.ts";
import { auditOf, itemsOf, offerOf, openJob, totalsUpTo } from "./disputeJob.ts";

export interface DisputeOptions {
  /** Default: one, whose answer is long enough to decide alone. */
  requests?: readonly object[];
  /** What the provider does to its results before it commits to them. */
  tamper?: (results: ItemResult[]) => void;
  outputTokensCap?: number;
  /** Whether the provider puts its results on a relay. Default: true. */
  delivers?: boolean;
}

/** Requests of so many output tokens, which the model uses up. */
export const requests = (count: number, maxTokens = 150): object[] =>
  Array.from({ length: count }, (_, index) => ({
    model: "tinystory",
    messages: [{ role: "user", content: `Tell me a long story about a cat and ${index + 1} birds.` }],
    max_tokens: maxTokens,
    temperature: 0.8,
    seed: index,
  }));

/** What the buyer knows of a lot. */
interface Known {
  room: Courtroom;
  job: Job;
  lot: Lot;
  submission: Submission;
  items: readonly ItemInput[];
  inputTree: PositionalTree;
  results: readonly ItemResult[];
  /** Starts of the chains of audit secrets. */
  chains: readonly Uint8Array[];
  auditTree: PositionalTree;
  resultsIdentity: string;
  /** To which the provider wraps the key of the results. */
  buyerIdentity: string;
}

/** A lot that was computed and submitted, and what its buyer may do about it in court. */
export class Dispute {
  readonly room: Courtroom;
  readonly job: Job;
  readonly lot: Lot;
  readonly lotId: Hex;
  readonly submission: Submission;
  readonly known: Known;
  readonly #secret = randomSecret();
  #evidenceIdentity = "";

  private constructor(known: Known) {
    this.known = known;
    this.room = known.room;
    this.job = known.job;
    this.lot = known.lot;
    this.lotId = lotIdOf(known.lot);
    this.submission = known.submission;
  }

  /** Opens a job, has it computed with the real model, lets the provider tamper with it, and submits. */
  static async begin(
    room: Courtroom,
    {
      requests: bodies = requests(1),
      tamper = () => {},
      outputTokensCap = 160,
      delivers = true,
    }: DisputeOptions = {},
  ): Promise<Dispute> {
    const { engine, spec, network } = room;
    const items = itemsOf(bodies, outputTokensCap);
    const inputTree = new PositionalTree(items.map((item, index) => itemLeaf(index, item)));
    const { chains, auditTree } = auditOf(items.length);
    const buyerKeys = await generateEncryptionKeys();
    const offer = await offerOf(modelIdOf(spec));
    await room.call(provider, "market", "postOffer", [offer]);
    const { job, lot } = await openJob(room, {
      modelId: modelIdOf(spec),
      inputTree,
      auditTree,
      outputTokensCap,
      encryptionKey: buyerKeys.publicKey,
      offer,
    });
    if (!lot) throw new Error("The offer was not taken.");
    const results = await Promise.all(
      items.map((input, itemIndex) =>
        inferItem(engine, {
          jobId: lot.jobId,
          itemIndex,
          input,
          salt: randomSecret(),
          signal: new AbortController().signal,
        }),
      ),
    );
    tamper(results);
    const { tree, totals } = writeReceipts({
      jobId: lot.jobId,
      classHash: spec.classHash,
      firstItem: 0,
      inputLeaves: items.map((item, index) => itemLeaf(index, item)),
      outcomes: results,
    });
    const keys = await generateEncryptionKeys();
    const sealed = await seal(keys.publicKey, encodeResults({ lotId: lotIdOf(lot), results }));
    const submission = {
      root: tree.root,
      resultsHash: hashChunks(sealed),
      resultsKeyHash: keccak256(identityBytes(keys.identity)),
      totals,
    };
    if (delivers)
      await putBlob(network.relays[0]!, {
        ref: network,
        lot,
        kind: "results",
        account: provider,
        bytes: sealed,
      });
    await room.call(provider, "market", "submit", [termsOf(lot), [{ range: rangeOf(lot), submission }]]);
    return new Dispute({
      room,
      job,
      lot,
      submission,
      items,
      inputTree,
      results,
      chains,
      auditTree,
      resultsIdentity: keys.identity,
      buyerIdentity: buyerKeys.identity,
    });
  }

  /** The same with a lot that the provider's agent claims, computes and submits. */
  static async beginWithAgent(
    room: Courtroom,
    { requests: bodies = requests(1), outputTokensCap = 160 }: Omit<DisputeOptions, "tamper"> = {},
  ): Promise<Dispute> {
    const { network, reader, spec } = room;
    const items = itemsOf(bodies, outputTokensCap);
    const inputTree = new PositionalTree(items.map((item, index) => itemLeaf(index, item)));
    const { chains, auditTree } = auditOf(items.length);
    const keys = await generateEncryptionKeys();
    const { job, jobId } = await openJob(room, {
      modelId: modelIdOf(spec),
      inputTree,
      auditTree,
      outputTokensCap,
      encryptionKey: keys.publicKey,
    });
    const market = {
      abi: marketAbi,
      address: network.market,
      args: { jobId },
      fromBlock: 0n,
      strict: true,
    } as const;
    const assignments = () => reader.getContractEvents({ ...market, eventName: "LotAssigned" });
    await eventually(async () => (await assignments()).length).toBe(1);
    const { lot, encryptionKey } = (await assignments())[0]!.args;
    const sealed = await seal(encryptionKey, encodeInput({ jobId, items, tree: inputTree }, lot));
    const blob = { ref: network, lot, account: buyer, bytes: sealed };
    await putBlob(network.relays[0]!, { ...blob, kind: "input" });
    const submissions = () => reader.getContractEvents({ ...market, eventName: "LotSubmitted" });
    await eventually(async () => (await submissions()).length).toBe(1);
    const { submission } = (await submissions())[0]!.args;
    const fetch = (kind: BlobKind) =>
      getBlob(network.relays[0]!, {
        key: { ...network, jobId, lotId: lotIdOf(lot), kind, author: lot.provider },
        waitSeconds: 20,
      });
    const resultsIdentity = identityFromBytes(await unseal(keys.identity, (await fetch("results-key"))!));
    const results = decodeResults(await unseal(resultsIdentity, (await fetch("results"))!), {
      lotId: lotIdOf(lot),
      itemCount: lot.itemCount,
    }).results;
    return new Dispute({
      room,
      job,
      lot,
      submission,
      items,
      inputTree,
      results,
      chains,
      auditTree,
      resultsIdentity,
      buyerIdentity: keys.identity,
    });
  }

  /** The secret of the lot's first assignment. */
  #audit(position: number) {
    const secret = bytesToHex(hashChain(this.known.chains[0]!, AUDIT_ATTEMPTS - 1));
    return { secret, path: this.known.auditTree.path(0), position };
  }

  async challenge(position = 0): Promise<void> {
    const { job, lot, lotId, submission } = this;
    const audit = this.#audit(position);
    const seed = auditSeedOf(audit.secret, commitmentOf(lotId, submission));
    const index = auditItemAt(seed, lot.itemCount, position);
    const commitment = keccak256(this.#secret);
    await this.room.call(buyer, "court", "challenge", [
      job,
      lot,
      submission,
      BigInt(index),
      audit,
      commitment,
    ]);
  }

  /** Disputes an item as one outside the audit set. */
  async challengeItem(index: number): Promise<void> {
    const { job, lot, submission } = this;
    const audit = { ...this.#audit(0), position: NOT_IN_AUDIT_SET };
    const commitment = keccak256(this.#secret);
    await this.room.call(buyer, "court", "challenge", [
      job,
      lot,
      submission,
      BigInt(index),
      audit,
      commitment,
    ]);
  }

  async demandDelivery(): Promise<void> {
    await this.room.call(buyer, "court", "demandDelivery", [this.job, this.lot]);
  }

  /** Says that the results are there, and hands the buyer the key. */
  async answerDelivery(): Promise<void> {
    const { resultsIdentity } = this.known;
    const wrapped = await seal(this.job.request.encryptionKey, identityBytes(resultsIdentity));
    await this.room.call(provider, "court", "answerDelivery", [this.lot, bytesToHex(wrapped)]);
  }

  async objectDelivery(): Promise<void> {
    await this.room.call(buyer, "court", "objectDelivery", [this.job, this.lot, keccak256(this.#secret)]);
  }

  async answer(secret: Hex): Promise<void> {
    await this.room.call(provider, "court", "answer", [this.lot, secret]);
  }

  /** Lets the provider answer, and opens the evidence; returns it sealed. */
  async answerAndOpen(options: Parameters<Dispute["openEvidence"]>[1] = {}): Promise<Uint8Array> {
    const secret = randomSecret();
    await this.answer(secret);
    return this.openEvidence(secret, options);
  }

  /** Seals the evidence and, unless told otherwise, puts it where jurors find it. */
  async openEvidence(
    providerSecret: Hex = zeroHash,
    {
      position = 0,
      index,
      upload = true,
      change = (bytes) => bytes,
    }: {
      position?: number;
      /** Of an item that was disputed as one outside the audit set. */
      index?: number;
      upload?: boolean;
      change?: (bytes: Uint8Array) => Uint8Array;
    } = {},
  ): Promise<Uint8Array> {
    const { identity, publicKey } = await generateEncryptionKeys();
    this.#evidenceIdentity = identity;
    const sealed = await seal(publicKey, change(this.evidence(position, index)));
    if (upload) await this.upload(sealed);
    await this.room.call(buyer, "court", "openEvidence", [
      this.lotId,
      this.#secret,
      providerSecret,
      hashChunks(sealed),
    ]);
    return sealed;
  }

  async upload(sealed: Uint8Array): Promise<void> {
    const { network } = this.room;
    await putBlob(network.relays[0]!, {
      ref: network,
      lot: this.lot,
      kind: "evidence",
      account: buyer,
      bytes: sealed,
    });
  }

  evidence(position: number, item?: number): Uint8Array {
    const { job, lot, lotId, submission } = this;
    const audit = this.#audit(position);
    const { tree } = writeReceipts({
      jobId: lot.jobId,
      classHash: this.room.spec.classHash,
      firstItem: 0,
      inputLeaves: this.known.items.map((item, index) => itemLeaf(index, item)),
      outcomes: this.known.results,
    });
    const seed = auditSeedOf(audit.secret, commitmentOf(lotId, submission));
    const indices = item === undefined ? judgedItems(seed, lot.itemCount, position) : [item];
    const items = indices.map((index) => ({
      index,
      input: this.known.items[index]!,
      inputPath: this.known.inputTree.path(index),
      result: this.known.results[index]!,
      totals: totalsUpTo(this.known.results, index),
      receiptPath: tree.path(index),
    }));
    return encodeEvidence({ job, lot, submission, audit: item === undefined ? audit : undefined, items });
  }

  async draw(): Promise<void> {
    const armed = (await this.room.caseOf(this.lotId)).armedBlock;
    while ((await this.room.reader.getBlockNumber()) < armed + 2n) await this.room.rpc("evm_mine");
    await this.room.call(buyer, "court", "draw", [this.job, this.lot]);
  }

  /** Wraps the key of the evidence to each juror; `wrap` may do otherwise for some. */
  async shareKeys(
    wrap: (place: number, wrapped: Uint8Array) => Uint8Array = (_, wrapped) => wrapped,
    { by = buyer, identity = this.#evidenceIdentity } = {},
  ): Promise<void> {
    const { room, lotId, lot } = this;
    const { seatIds } = (await room.events("JuryDrawn", lotId)).at(-1)!.args;
    const taken = await room.events("SeatTaken");
    const keyOf = (seatId: number) => taken.find(({ args }) => args.seatId === seatId)!.args.encryptionKey;
    const wrapped = await Promise.all(
      seatIds.map(async (seatId, place) =>
        bytesToHex(wrap(place, await seal(keyOf(seatId), identityBytes(identity)))),
      ),
    );
    await room.call(by, "court", "shareKeys", [lot, wrapped]);
  }

  /** All that the parties do until the jurors have what they need. */
  async goToCourt({
    position = 0,
    wrap,
  }: {
    position?: number;
    wrap?: Parameters<Dispute["shareKeys"]>[0];
  } = {}) {
    const secret = randomSecret();
    await this.challenge(position);
    await this.answer(secret);
    await this.openEvidence(secret, { position });
    await this.draw();
    await this.shareKeys(wrap);
  }

  /** Ends the case, unless a juror was faster. */
  async conclude(): Promise<void> {
    const { room, lot, lotId } = this;
    await room.call(buyer, "court", "conclude", [lot]).catch(async (error: unknown) => {
      if ((await room.caseOf(lotId)).status !== "none") throw error;
    });
  }

  async decide(): Promise<void> {
    await this.room.call(buyer, "court", "decide", [this.lotId]);
  }
}
