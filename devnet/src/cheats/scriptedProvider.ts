import { setTimeout as delay } from "node:timers/promises";
import type { Engine } from "@millrace/engine";
import {
  type BlobKind,
  courtAbi,
  decodeInput,
  type EncryptionKeys,
  encodeResults,
  faultsAbi,
  generateEncryptionKeys,
  getBlob,
  hashChunks,
  identityBytes,
  itemLeaf,
  type Job,
  type Lot,
  lotIdOf,
  type ModelSpec,
  marketAbi,
  modelIdOf,
  type Network,
  open,
  type PositionalTree,
  putBlob,
  randomSecret,
  rangeOf,
  type Submission,
  seal,
  termsOf,
  unpackDocket,
} from "@millrace/protocol";
import { inferItem, type OfferTerms } from "@millrace/provider-agent";
import {
  type Abi,
  type Address,
  bytesToHex,
  createPublicClient,
  createWalletClient,
  type Hex,
  http,
  keccak256,
  type LocalAccount,
} from "viem";
import { type Deceit, type HonestWork, treeOf } from "./deceit.ts";

const POLL_MS = 100;
/** How long a relay may hold a request for an input that has not come. */
const RELAY_WAIT_SECONDS = 5;
const OFFER_SECONDS = 3_600;

export interface ScriptedProviderOptions {
  network: Network;
  /** Has a free balance in the Market for the collateral. */
  account: LocalAccount;
  engine: Engine;
  spec: ModelSpec;
  terms: Required<Pick<OfferTerms, "promptPricePerMillion" | "outputPricePerMillion" | "capacityItems">>;
  /** What it makes of its work. */
  deceive: (work: HonestWork) => Deceit;
  /** Told when something is demanded of it that it will not give; the deadline is in Unix seconds. */
  onSilence?: (deadline: number) => Promise<void>;
}

/** A lot that was submitted, with what is needed to answer for it. */
interface Submitted {
  lot: Lot;
  job: Job;
  submission: Submission;
  deceit: Deceit;
  tree: PositionalTree;
  sealed: Uint8Array;
  identity: string;
}

/**
 * A provider by hand on the real chain and relay. It computes with a real engine and then says of its work what
 * `deceive` makes of it: an agent would find the lie in its own commitment and submit nothing.
 *
 * It takes lots by its offer alone, one after the other, and claims nothing.
 */
export class ScriptedProvider implements AsyncDisposable {
  readonly #options: ScriptedProviderOptions;
  readonly #reader;
  readonly #stopped = new AbortController();
  readonly #submitted = new Map<Hex, Submitted>();
  #keys!: EncryptionKeys;
  #nextBlock = 0n;
  #running: Promise<void> = Promise.resolve();
  #failure: unknown;

  private constructor(options: ScriptedProviderOptions) {
    this.#options = options;
    const transport = http(options.network.rpcUrl);
    this.#reader = createPublicClient({ transport, pollingInterval: POLL_MS, cacheTime: 0 });
  }

  /** Posts the offer and begins to work. */
  static async start(options: ScriptedProviderOptions): Promise<ScriptedProvider> {
    const provider = new ScriptedProvider(options);
    provider.#keys = await generateEncryptionKeys();
    provider.#nextBlock = await provider.#reader.getBlockNumber();
    await provider.#postOffer();
    provider.#running = provider.#run().catch((error: unknown) => {
      if (!provider.#stopped.signal.aborted) provider.#failure = error;
    });
    return provider;
  }

  get address(): Address {
    return this.#options.account.address;
  }

  /** Stops; throws what broke the script, as a cheat that fell over was not caught. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort();
    await this.#running;
    if (this.#failure) throw this.#failure;
  }

  async #postOffer(): Promise<void> {
    const { spec, terms } = this.#options;
    const { timestamp } = await this.#reader.getBlock();
    const offer = {
      provider: this.address,
      modelId: modelIdOf(spec),
      encryptionKey: this.#keys.publicKey,
      minLotItems: 1,
      maxLotItems: terms.capacityItems,
      minLotValue: 0n,
      maxPromptTokens: spec.contextTokens,
      maxOutputTokens: spec.contextTokens,
      minTurnaroundSeconds: 0,
      validUntil: Number(timestamp) + OFFER_SECONDS,
      epoch: 0,
      salt: BigInt(randomSecret()) >> 192n,
      ...terms,
    };
    await this.#transact("market", "postOffer", [offer]);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const toBlock = await this.#reader.getBlockNumber();
      if (toBlock >= this.#nextBlock) {
        await this.#attend(this.#nextBlock, toBlock);
        this.#nextBlock = toBlock + 1n;
      }
      await delay(POLL_MS, undefined, { signal }).catch(() => {});
    }
  }

  async #attend(fromBlock: bigint, toBlock: bigint): Promise<void> {
    const { network } = this.#options;
    const range = { fromBlock, toBlock, strict: true } as const;
    const assigned = await this.#reader.getContractEvents({
      ...range,
      abi: marketAbi,
      address: network.market,
      eventName: "LotAssigned",
    });
    for (const { args } of assigned) {
      if (args.lot.provider === this.address) await this.#work(args.lot);
    }
    const demands = await this.#reader.getContractEvents({
      ...range,
      abi: faultsAbi,
      address: network.faults,
      eventName: "ReceiptDemanded",
      args: { provider: this.address },
    });
    for (const { args } of demands) {
      const isShown = await this.#showReceipt(args.lotId, Number(args.index));
      if (!isShown) await this.#options.onSilence?.(args.deadline);
    }
    const deliveries = await this.#reader.getContractEvents({
      ...range,
      abi: courtAbi,
      address: network.court,
      eventName: "DeliveryDemanded",
      args: { provider: this.address },
    });
    for (const { args } of deliveries) {
      const isDelivered = await this.#deliverAgain(args.lotId);
      if (!isDelivered) await this.#options.onSilence?.(Number(args.deadline));
    }
    const juries = await this.#reader.getContractEvents({
      ...range,
      abi: courtAbi,
      address: network.court,
      eventName: "JuryDrawn",
    });
    for (const { args } of juries) await this.#shareKeys(args.lotId, args.seatIds);
  }

  async #work(lot: Lot): Promise<void> {
    const { engine, spec, deceive } = this.#options;
    const { signal } = this.#stopped;
    const job = await this.#jobOf(lot);
    const input = await this.#fetchInput(lot, job);
    const results = await Promise.all(
      input.items.map((item, i) =>
        inferItem(engine, {
          jobId: lot.jobId,
          itemIndex: lot.firstItem + i,
          input: item,
          salt: randomSecret(),
          signal,
        }),
      ),
    );
    const deceit = deceive({
      jobId: lot.jobId,
      classHash: spec.classHash,
      firstItem: lot.firstItem,
      inputLeaves: input.items.map((item, i) => itemLeaf(lot.firstItem + i, item)),
      results,
    });
    const lotId = lotIdOf(lot);
    const { identity, publicKey } = await generateEncryptionKeys();
    const sealed = await seal(publicKey, encodeResults({ lotId, results: [...deceit.delivered] }));
    const tree = treeOf(deceit);
    const submission: Submission = {
      root: tree.root,
      resultsHash: hashChunks(sealed),
      resultsKeyHash: keccak256(identityBytes(identity)),
      totals: deceit.totals,
    };
    const submitted = { lot, job, submission, deceit, tree, sealed, identity };
    this.#submitted.set(lotId, submitted);
    if (!deceit.isSilent.results) await this.#put(lot, "results", sealed);
    await this.#transact("market", "submit", [termsOf(lot), [{ range: rangeOf(lot), submission }]]);
    if (!deceit.isSilent.results) await this.#put(lot, "results-key", await wrappedKey(submitted));
  }

  async #jobOf({ jobId }: Lot): Promise<Job> {
    const [log] = await this.#reader.getContractEvents({
      abi: marketAbi,
      address: this.#options.network.market,
      eventName: "JobOpened",
      args: { jobId },
      fromBlock: 0n,
      strict: true,
    });
    return log!.args.job;
  }

  async #fetchInput(lot: Lot, { request }: Job) {
    const { network } = this.#options;
    const { chainId, market } = network;
    const ref = { chainId, market, jobId: lot.jobId, lotId: lotIdOf(lot) };
    const key = { ...ref, kind: "input", author: lot.buyer } as const;
    const { signal } = this.#stopped;
    for (;;) {
      signal.throwIfAborted();
      const sealed = await getBlob(network.relays[0]!, { key, waitSeconds: RELAY_WAIT_SECONDS, signal });
      if (!sealed) continue;
      const { inputRoot, itemCount } = request;
      return decodeInput(await open(this.#keys.identity, sealed), { lot, inputRoot, itemCount });
    }
  }

  async #showReceipt(lotId: Hex, index: number): Promise<boolean> {
    const submitted = this.#submitted.get(lotId);
    if (!submitted || submitted.deceit.isSilent.receipts) return false;
    const { lot, submission, deceit, tree } = submitted;
    const known = deceit.receipts[index];
    // There is none to show.
    if (!known) return false;
    const placed = { receipt: known.receipt, totals: known.totals, path: tree.path(index) };
    await this.#transact("faults", "answerReceipt", [lot, submission, BigInt(index), placed]);
    return true;
  }

  async #deliverAgain(lotId: Hex): Promise<boolean> {
    const submitted = this.#submitted.get(lotId);
    if (!submitted || submitted.deceit.isSilent.results) return false;
    const { lot, sealed } = submitted;
    await this.#put(lot, "results", sealed);
    const key = await wrappedKey(submitted);
    await this.#transact("court", "answerDelivery", [lot, bytesToHex(key)]);
    return true;
  }

  /** Jurors of a delivery get the key of the results from the provider; of everything else, from the buyer. */
  async #shareKeys(lotId: Hex, seatIds: readonly number[]): Promise<void> {
    const { network } = this.#options;
    const court = { abi: courtAbi, address: network.court } as const;
    const submitted = this.#submitted.get(lotId);
    const docket = await this.#reader.readContract({ ...court, functionName: "docketOf", args: [lotId] });
    if (!submitted || unpackDocket(docket).kind !== "delivery") return;
    const wrapped = seatIds.map(async (seatId) => {
      const [taken] = await this.#reader.getContractEvents({
        ...court,
        eventName: "SeatTaken",
        args: { seatId },
        fromBlock: network.deployBlock,
        strict: true,
      });
      return bytesToHex(await seal(taken!.args.encryptionKey, identityBytes(submitted.identity)));
    });
    await this.#transact("court", "shareKeys", [submitted.lot, await Promise.all(wrapped)]);
  }

  async #put(lot: Lot, kind: BlobKind, bytes: Uint8Array): Promise<void> {
    const { network, account } = this.#options;
    await putBlob(network.relays[0]!, { ref: network, lot, kind, account, bytes });
  }

  async #transact(
    contract: "market" | "faults" | "court",
    functionName: string,
    args: readonly unknown[],
  ): Promise<void> {
    const { network, account } = this.#options;
    const transport = http(network.rpcUrl);
    const wallet = createWalletClient({ account, transport });
    const abis = { market: marketAbi, faults: faultsAbi, court: courtAbi };
    // The cast: one helper for the functions of three contracts.
    const call = { abi: abis[contract] as Abi, address: network[contract], functionName, args, chain: null };
    const hash = await wallet.writeContract(call);
    const { status } = await this.#reader.waitForTransactionReceipt({ hash });
    if (status !== "success") throw new Error(`${functionName} of ${this.address} reverted`);
  }
}

/** The key of a lot's results, for its buyer. */
function wrappedKey({ job, identity }: Submitted): Promise<Uint8Array> {
  return seal(job.request.encryptionKey, identityBytes(identity));
}
