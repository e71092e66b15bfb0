import {
  AUDIT_ATTEMPTS,
  auditSeedOf,
  commitmentOf,
  encodeEvidence,
  encodeResults,
  generateEncryptionKeys,
  hashChain,
  hashChunks,
  type ItemInput,
  type ItemResult,
  identityBytes,
  itemLeaf,
  type Job,
  judgedItems,
  type Lot,
  lotIdOf,
  marketAbi,
  modelIdOf,
  PositionalTree,
  putBlob,
  randomSecret,
  rangeOf,
  requesterSeedOf,
  type Submission,
  samplerHashOf,
  seal,
  type Totals,
  termsOf,
  writeReceipts,
} from "@millrace/protocol";
import { inferItem } from "@millrace/provider-agent";
import {
  bytesToHex,
  type Hex,
  hexToBigInt,
  hexToBytes,
  keccak256,
  parseEventLogs,
  zeroAddress,
  zeroHash,
} from "viem";
import { buyer, type Courtroom, provider } from "./courtroom.ts";

export interface DisputeOptions {
  /** Default: one, whose answer is long enough to decide alone. */
  requests?: readonly object[];
  /** What the provider does to its results before it commits to them. */
  tamper?: (results: ItemResult[]) => void;
  outputTokensCap?: number;
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

/** A lot that was computed and submitted, with what its buyer knows of it, and what they may do to it in court. */
export class Dispute {
  readonly room: Courtroom;
  readonly job: Job;
  readonly lot: Lot;
  readonly lotId: Hex;
  readonly submission: Submission;
  readonly #items: readonly ItemInput[];
  readonly #inputTree: PositionalTree;
  readonly #results: readonly ItemResult[];
  readonly #chains: readonly Uint8Array[];
  readonly #auditTree: PositionalTree;
  readonly resultsIdentity: string;
  readonly #secret = randomSecret();
  #evidenceIdentity = "";

  private constructor(fields: {
    room: Courtroom;
    job: Job;
    lot: Lot;
    submission: Submission;
    items: readonly ItemInput[];
    inputTree: PositionalTree;
    results: readonly ItemResult[];
    chains: readonly Uint8Array[];
    auditTree: PositionalTree;
    resultsIdentity: string;
  }) {
    this.room = fields.room;
    this.job = fields.job;
    this.lot = fields.lot;
    this.lotId = lotIdOf(fields.lot);
    this.submission = fields.submission;
    this.#items = fields.items;
    this.#inputTree = fields.inputTree;
    this.#results = fields.results;
    this.#chains = fields.chains;
    this.#auditTree = fields.auditTree;
    this.resultsIdentity = fields.resultsIdentity;
  }

  /** Opens a job, has it computed with the real model, lets the provider tamper with it, and submits. */
  static async begin(
    room: Courtroom,
    { requests: bodies = requests(1), tamper = () => {}, outputTokensCap = 160 }: DisputeOptions = {},
  ): Promise<Dispute> {
    const { engine, spec, network } = room;
    const modelId = modelIdOf(spec);
    const items = bodies.map(
      (body): ItemInput => ({
        request: JSON.stringify(body),
        promptTokensCap: 100,
        outputTokensCap,
        samplerHash: samplerHashOf(body),
        requesterSeed: requesterSeedOf(body),
        salt: randomSecret(),
      }),
    );
    const inputTree = new PositionalTree(items.map((item, index) => itemLeaf(index, item)));
    const chains = items.map(() => hexToBytes(randomSecret()));
    const auditTree = new PositionalTree(chains.map((start) => bytesToHex(hashChain(start, AUDIT_ATTEMPTS))));
    const { job, lot } = await open(room, {
      modelId,
      inputTree,
      auditTree,
      itemCount: items.length,
      outputTokensCap,
    });
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
    await putBlob(network.relays[0]!, {
      ref: network,
      lot,
      kind: "results",
      account: provider,
      bytes: sealed,
    });
    await room.call(provider, "market", "submit", [termsOf(lot), [{ range: rangeOf(lot), submission }]]);
    const resultsIdentity = keys.identity;
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
    });
  }

  /** The secret of the lot's first assignment. */
  #audit(position: number) {
    const secret = bytesToHex(hashChain(this.#chains[0]!, AUDIT_ATTEMPTS - 1));
    return { secret, path: this.#auditTree.path(0), position };
  }

  async challenge(position = 0): Promise<void> {
    const { job, lot, submission } = this;
    const commitment = keccak256(this.#secret);
    await this.room.call(buyer, "court", "challenge", [
      job,
      lot,
      submission,
      BigInt(position),
      this.#audit(position),
      commitment,
    ]);
  }

  async answer(secret: Hex): Promise<void> {
    await this.room.call(provider, "court", "answer", [this.lot, secret]);
  }

  /** Seals the evidence and, unless told otherwise, puts it where jurors find it. */
  async openEvidence(
    providerSecret: Hex = zeroHash,
    { position = 0, upload = true, change = (bytes: Uint8Array) => bytes } = {},
  ): Promise<Uint8Array> {
    const { identity, publicKey } = await generateEncryptionKeys();
    this.#evidenceIdentity = identity;
    const sealed = await seal(publicKey, change(this.evidence(position)));
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

  evidence(position: number): Uint8Array {
    const { job, lot, lotId, submission } = this;
    const audit = this.#audit(position);
    const { tree } = writeReceipts({
      jobId: lot.jobId,
      classHash: this.room.spec.classHash,
      firstItem: 0,
      inputLeaves: this.#items.map((item, index) => itemLeaf(index, item)),
      outcomes: this.#results,
    });
    const seed = auditSeedOf(audit.secret, commitmentOf(lotId, submission));
    const items = judgedItems(seed, lot.itemCount, position).map((index) => ({
      index,
      input: this.#items[index]!,
      inputPath: this.#inputTree.path(index),
      result: this.#results[index]!,
      totals: totalsUpTo(this.#results, index),
      receiptPath: tree.path(index),
    }));
    return encodeEvidence({ job, lot, submission, audit, items });
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

  async decide(): Promise<void> {
    await this.room.call(buyer, "court", "decide", [this.lotId]);
  }
}

async function open(
  room: Courtroom,
  {
    modelId,
    inputTree,
    auditTree,
    itemCount,
    outputTokensCap,
  }: {
    modelId: Hex;
    inputTree: PositionalTree;
    auditTree: PositionalTree;
    itemCount: number;
    outputTokensCap: number;
  },
): Promise<{ job: Job; lot: Lot }> {
  const { encryptionKey, offer } = await offerOf(modelId);
  await room.call(provider, "market", "postOffer", [offer]);
  const request = {
    nonce: hexToBigInt(randomSecret()),
    modelId,
    inputRoot: inputTree.root,
    auditRoot: auditTree.root,
    encryptionKey,
    auditor: zeroAddress,
    itemCount,
    promptTokensCap: 100,
    outputTokensCap,
    promptLimitPerMillion: offer.promptPricePerMillion,
    outputLimitPerMillion: offer.outputPricePerMillion,
    startBps: 10_000,
    rampSeconds: 0,
    turnaroundSeconds: 600,
    minLotItems: 1,
    minLotValue: 0n,
  };
  const hash = await room.call(buyer, "market", "openJob", [
    buyer.address,
    request,
    [{ offer, signature: "0x", lotItems: [itemCount] }],
  ]);
  const { logs } = await room.reader.getTransactionReceipt({ hash });
  const [opened] = parseEventLogs({ abi: marketAbi, eventName: "JobOpened", logs });
  const [assigned] = parseEventLogs({ abi: marketAbi, eventName: "LotAssigned", logs });
  return { job: opened!.args.job, lot: assigned!.args.lot };
}

async function offerOf(modelId: Hex) {
  const { publicKey: encryptionKey } = await generateEncryptionKeys();
  const offer = {
    provider: provider.address,
    modelId,
    encryptionKey,
    promptPricePerMillion: 100_000n,
    outputPricePerMillion: 400_000n,
    capacityItems: 1_000,
    minLotItems: 1,
    maxLotItems: 1_000,
    minLotValue: 0n,
    maxPromptTokens: 1_000,
    maxOutputTokens: 1_000,
    minTurnaroundSeconds: 0,
    validUntil: 2 ** 40 - 1,
    epoch: 0,
    salt: hexToBigInt(randomSecret()) >> 192n,
  };
  return { encryptionKey, offer };
}

function totalsUpTo(results: readonly ItemResult[], index: number): Totals {
  const upTo = results.slice(0, index + 1);
  return {
    promptTokens: upTo.reduce((sum, result) => sum + BigInt(result.promptTokens), 0n),
    outputTokens: upTo.reduce((sum, { tokenIds }) => sum + BigInt(tokenIds.length), 0n),
    errors: upTo.filter(({ stopReason }) => stopReason === "error").length,
  };
}
