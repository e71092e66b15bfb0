import {
  CLAMP_GAP,
  type ClaimedItem,
  decodeInput,
  type EncryptionKeys,
  encodeResults,
  encodeScore,
  failedOutcome,
  generateEncryptionKeys,
  getBlob,
  hashChunks,
  type ItemResult,
  type ItemScore,
  identityBytes,
  itemLeaf,
  type Job,
  type Lot,
  lotIdOf,
  type ModelSpec,
  marketAbi,
  marketDomain,
  modelIdOf,
  type Network,
  type Offer,
  offerTypes,
  open,
  putBlob,
  randomSecret,
  rangeOf,
  readScoreRequest,
  type Submission,
  scoreOutcome,
  seal,
  termsOf,
  writeReceipts,
} from "@millrace/protocol";
import { createPublicClient, type Hex, http, keccak256, type LocalAccount, zeroHash } from "viem";
import { deposit, send } from "./chain.ts";

/** What a provider may do wrong, one fault at a time. */
export type Misdeed =
  /** Takes lots and never answers. */
  | "silence"
  /** Commits to totals that are not those of its receipts. */
  | "wrong-totals"
  /** Commits to one answer and delivers another. */
  | "swapped-text-tokens"
  /** Delivers a key that does not hash to the committed one. */
  | "wrong-key"
  /** Submits and delivers nothing. */
  | "no-delivery"
  /** Answers its third item otherwise than its model would, and commits to that. */
  | "other-answer"
  /** So with every item that is not a score. */
  | "other-answers"
  /** Says of everything that it is asked to score that it is right. */
  | "lazy-scores"
  /** Counts more output tokens than the item's cap. */
  | "above-cap";

export interface TestProviderOptions {
  network: Network;
  account: LocalAccount;
  model: ModelSpec;
  offer?: Partial<Offer>;
  misdeed?: Misdeed;
  /** Whether it claims bids and reopened lots, whole and at any price. Default: false. */
  claims?: boolean;
  /** Whether it posts an offer. Default: true. */
  offers?: boolean;
  /** Base units. Default: a million tokens. */
  collateral?: bigint;
}

/**
 * The other side of the wire, by hand: an honest provider (or one with a single misdeed) whose model answers a prompt
 * with itself in capitals, at a token a letter. Everything else, chain, relay, sealing and receipts, is real.
 */
export class TestProvider implements AsyncDisposable {
  readonly #options: TestProviderOptions;
  readonly #stopped = new AbortController();
  #keys!: EncryptionKeys;
  #loop: Promise<void> = Promise.resolve();
  readonly #jobs = new Map<Hex, Job>();
  readonly #attended = new Set<string>();

  private constructor(options: TestProviderOptions) {
    this.#options = options;
  }

  /** Deposits collateral, posts an offer and starts to work. */
  static async start(options: TestProviderOptions): Promise<TestProvider> {
    const provider = new TestProvider(options);
    await provider.#prepare();
    provider.#loop = provider.#run();
    return provider;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort();
    await this.#loop;
  }

  async #prepare(): Promise<void> {
    const { network, account, collateral = 10n ** 12n, offers = true } = this.#options;
    this.#keys = await generateEncryptionKeys();
    await deposit(network, account, collateral);
    if (offers) await this.#transact("postOffer", [this.#offer()]);
  }

  /** An offer that is only signed: by the provider, or by whoever is named. */
  async signOffer(
    offer: Partial<Offer> = {},
    signer: LocalAccount = this.#options.account,
  ): Promise<{ offer: Offer; signature: Hex }> {
    const message = { ...this.#offer(), ...offer };
    const domain = marketDomain(this.#options.network);
    const typed = { domain, types: offerTypes, primaryType: "Offer", message } as const;
    return { offer: message, signature: await signer.signTypedData(typed) };
  }

  #offer(): Offer {
    const { account, model, offer } = this.#options;
    return {
      provider: account.address,
      modelId: modelIdOf(model),
      encryptionKey: this.#keys.publicKey,
      promptPricePerMillion: 100_000n,
      outputPricePerMillion: 400_000n,
      capacityItems: 1_000_000,
      minLotItems: 1,
      maxLotItems: 1_000,
      minLotValue: 0n,
      maxPromptTokens: 4_096,
      maxOutputTokens: 4_096,
      minTurnaroundSeconds: 0,
      validUntil: 2 ** 40 - 1,
      epoch: 0,
      salt: BigInt(randomSecret()) >> 192n,
      ...offer,
    };
  }

  async #run(): Promise<void> {
    const { network, claims = false } = this.#options;
    const client = createPublicClient({ transport: http(network.rpcUrl) });
    while (!this.#stopped.signal.aborted) {
      const logs = await client.getContractEvents({ address: network.market, abi: marketAbi, fromBlock: 0n });
      for (const log of logs) {
        if (log.eventName === "JobOpened") {
          const jobId = log.args.jobId!;
          if (!this.#jobs.has(jobId)) this.#jobs.set(jobId, log.args.job!);
          if (claims) await this.#attempt(`bid ${jobId}`, () => this.#claimBid(jobId));
        }
        if (log.eventName === "JobToppedUp") {
          const { promptLimitPerMillion, outputLimitPerMillion } = log.args;
          const job = this.#jobs.get(log.args.jobId!)!;
          const limits = {
            promptLimitPerMillion: promptLimitPerMillion!,
            outputLimitPerMillion: outputLimitPerMillion!,
          };
          this.#jobs.set(log.args.jobId!, { ...job, request: { ...job.request, ...limits } });
        }
        if (log.eventName === "LotAssigned" && log.args.provider === this.#options.account.address) {
          await this.#attempt(log.args.lotId!, () => this.#work(log.args.lot!));
        }
        if (
          claims &&
          (log.eventName === "LotExpired" ||
            log.eventName === "LotReleased" ||
            log.eventName === "LotSlashed")
        ) {
          const failed = logs.find((l) => l.eventName === "LotAssigned" && l.args.lotId === log.args.lotId);
          if (failed?.eventName !== "LotAssigned") continue;
          await this.#attempt(`reopened ${log.args.lotId}`, () =>
            this.#claimReopened(failed.args.lot as Lot),
          );
        }
      }
      await pause(50, this.#stopped.signal);
    }
  }

  /** Does something once; again in the next round if it fails, as the network may be away for a while. */
  async #attempt(name: string, work: () => Promise<void>): Promise<void> {
    if (this.#attended.has(name) || this.#stopped.signal.aborted) return;
    try {
      await work();
      this.#attended.add(name);
    } catch (error) {
      if (!/fetch failed|HTTP request failed|does not answer|Market_/.test(String(error))) throw error;
    }
  }

  async #claimBid(jobId: Hex): Promise<void> {
    const { network, account } = this.#options;
    const job = this.#jobs.get(jobId)!;
    const client = createPublicClient({ transport: http(network.rpcUrl) });
    const market = { address: network.market, abi: marketAbi } as const;
    const { openItems } = await client.readContract({ ...market, functionName: "jobState", args: [jobId] });
    if (openItems === 0) return;
    await this.#transact("claim", [account.address, job, openItems, this.#keys.publicKey]);
  }

  async #claimReopened(lot: Lot): Promise<void> {
    const { account } = this.#options;
    const job = this.#jobs.get(lot.jobId)!;
    await this.#transact("claimReopened", [account.address, job, lot, this.#keys.publicKey]);
  }

  async #work(lot: Lot): Promise<void> {
    const { network, account, model, misdeed } = this.#options;
    if (misdeed === "silence") return;
    const job = this.#jobs.get(lot.jobId)!;
    const lotId = lotIdOf(lot);
    const relay = network.relays[0]!;
    const key = { ...refOf(network), jobId: lot.jobId, lotId, kind: "input", author: lot.buyer } as const;
    const sealed = await this.#fetchInput(relay, key);
    if (!sealed) return;
    const input = decodeInput(await open(this.#keys.identity, sealed), {
      lot,
      inputRoot: job.request.inputRoot,
      itemCount: job.request.itemCount,
    });
    const results = input.items.map((item, i): ItemResult => {
      const result = answer(item.request, misdeed);
      const isOther = (misdeed === "other-answer" && i === 2) || misdeed === "other-answers";
      if (isOther) {
        return { ...result, tokenIds: result.tokenIds.map((id) => id + 1) };
      }
      return misdeed === "above-cap"
        ? { ...result, tokenIds: Array.from({ length: item.outputTokensCap + 1 }, (_, i) => i) }
        : result;
    });
    const book = writeReceipts({
      jobId: lot.jobId,
      classHash: model.classHash,
      firstItem: lot.firstItem,
      inputLeaves: input.items.map((item, i) => itemLeaf(lot.firstItem + i, item)),
      outcomes: results,
    });
    const delivered =
      misdeed === "swapped-text-tokens"
        ? results.map((result) => ({ ...result, tokenIds: result.tokenIds.map((id) => id + 1) }))
        : results;
    const lotKey = await generateEncryptionKeys();
    const sealedResults = await seal(lotKey.publicKey, encodeResults({ lotId, results: delivered }));
    const submission: Submission = {
      root: book.tree.root,
      resultsHash: hashChunks(sealedResults),
      resultsKeyHash: keccak256(identityBytes(lotKey.identity)),
      totals: {
        ...book.totals,
        ...(misdeed === "wrong-totals" && { outputTokens: book.totals.outputTokens + 1n }),
      },
    };
    const put = (kind: "results" | "results-key", bytes: Uint8Array) =>
      putBlob(relay, { ref: refOf(network), lot, kind, account, bytes });
    if (misdeed !== "no-delivery") await put("results", sealedResults);
    await this.#transact("submit", [termsOf(lot), [{ range: rangeOf(lot), submission }]]);
    if (misdeed === "no-delivery") return;
    const handedOver = misdeed === "wrong-key" ? (await generateEncryptionKeys()).identity : lotKey.identity;
    await put("results-key", await seal(job.request.encryptionKey, identityBytes(handedOver)));
  }

  /** Waits for a lot's input for as long as the provider lives. */
  async #fetchInput(
    relay: string,
    key: Parameters<typeof getBlob>[1]["key"],
  ): Promise<Uint8Array | undefined> {
    while (!this.#stopped.signal.aborted) {
      const sealed = await getBlob(relay, { key, waitSeconds: 1 });
      if (sealed) return sealed;
    }
    return undefined;
  }

  async #transact(functionName: string, args: readonly unknown[]): Promise<void> {
    const { network, account } = this.#options;
    await send(network, account, { abi: marketAbi, address: network.market, functionName, args });
  }
}

const refOf = ({ chainId, market }: Network) => ({ chainId, market });

/** What the test model says of a claim: any other token than its own is no candidate at all. */
export function scoreClaim({ request, claimed }: Pick<ClaimedItem, "request" | "claimed">): ItemScore {
  const { tokenIds } = answer(JSON.stringify(request));
  const wrong = claimed.tokenIds.filter((id, i) => id !== tokenIds[i]).length;
  return {
    countedTokens: claimed.tokenIds.length,
    gapSum: wrong * CLAMP_GAP,
    maxGap: wrong > 0 ? CLAMP_GAP : 0,
    fingerprint: undefined,
    mismatch: claimed.tokenIds.length === tokenIds.length ? undefined : "stop",
  };
}

/** The test model: says its last message in capitals; `FAIL` and `INVALID` make it fail. */
export function answer(request: string, misdeed?: Misdeed): ItemResult {
  const body = JSON.parse(request) as { messages: { content: string }[] };
  const asked = readScoreRequest(body);
  if (asked) {
    const { request, claimed } = asked;
    const seen =
      misdeed === "lazy-scores"
        ? { ...claimed, tokenIds: answer(JSON.stringify(request)).tokenIds }
        : claimed;
    return {
      ...scoreOutcome(asked, randomSecret()),
      text: encodeScore(scoreClaim({ request, claimed: seen })),
    };
  }
  const prompt = body.messages.at(-1)!.content;
  const salt = randomSecret();
  if (prompt === "FAIL" || prompt === "INVALID") {
    const stopReason = prompt === "FAIL" ? "error" : "invalid-input";
    const error = { code: stopReason, message: `The prompt says ${prompt}.` };
    return { ...failedOutcome(stopReason, salt), text: "", error };
  }
  const text = prompt.toUpperCase();
  return {
    stopReason: "stop",
    promptTokens: prompt.length,
    promptTokensHash: zeroHash,
    tokenIds: Array.from(text, (letter) => letter.codePointAt(0)!).slice(0, 8),
    fingerprint: "0x",
    salt,
    text,
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
