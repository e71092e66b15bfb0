import {
  costUp,
  decodeResults,
  deriveSecret,
  type EncryptionKeys,
  encodeAccept,
  encodeInput,
  encryptionKeysOf,
  faultsAbi,
  generateEncryptionKeys,
  getBlob,
  hashChunks,
  type ItemInput,
  identityFromBytes,
  itemLeaf,
  type Job,
  type Lot,
  type LotStatus,
  marketAbi,
  modelRegistryAbi,
  type Network,
  type Offer,
  open,
  PositionalTree,
  putBlob,
  type ResultsBundle,
  randomSecret,
  requesterSeedOf,
  type Submission,
  samplerHashOf,
  seal,
  settlementOf,
  unpackLotState,
  writeReceipts,
} from "@millrace/protocol";
import {
  type Abi,
  type Address,
  createPublicClient,
  createWalletClient,
  encodeFunctionData,
  type Hex,
  hexToBigInt,
  http,
  keccak256,
  type LocalAccount,
  parseEventLogs,
  type TransactionReceipt,
  zeroAddress,
} from "viem";
import { expect } from "vitest";
import { eventually } from "./eventually.ts";

export interface OpenOptions {
  modelId: Hex;
  requests: readonly object[];
  fills?: { offer: Offer; lotItems: number[] }[];
  turnaroundSeconds?: number;
  startBps?: number;
  rampSeconds?: number;
  minLotItems?: number;
  minLotValue?: bigint;
  promptTokensCap?: number;
  outputTokensCap?: number;
  /** Default: the job's. */
  itemOutputTokensCap?: number;
  promptLimitPerMillion?: bigint;
  outputLimitPerMillion?: bigint;
}

export interface OpenedJob {
  jobId: Hex;
  job: Job;
  items: ItemInput[];
  tree: PositionalTree;
}

/** A lot as its event told it. */
export interface AssignedLot {
  lotId: Hex;
  lot: Lot;
  encryptionKey: Hex;
}

/** A buyer done by hand, straight on the contracts: what it checks does not share code with the agent or the client. */
export class Buyer {
  readonly network: Network;
  readonly account: LocalAccount;
  readonly keys: EncryptionKeys;
  readonly reader;
  readonly #wallet;

  private constructor(network: Network, account: LocalAccount, keys: EncryptionKeys) {
    this.network = network;
    this.account = account;
    this.keys = keys;
    const transport = http(network.rpcUrl);
    this.reader = createPublicClient({ transport, pollingInterval: 30, cacheTime: 0 });
    this.#wallet = createWalletClient({ account, transport });
  }

  static async create(network: Network, account: LocalAccount): Promise<Buyer> {
    return new Buyer(network, account, await generateEncryptionKeys());
  }

  async open({
    modelId,
    requests,
    fills = [],
    turnaroundSeconds = 600,
    startBps = 10_000,
    rampSeconds = 60,
    minLotItems = 1,
    minLotValue = 0n,
    promptTokensCap = 200,
    outputTokensCap = 40,
    itemOutputTokensCap = outputTokensCap,
    promptLimitPerMillion = 1_000_000n,
    outputLimitPerMillion = 4_000_000n,
  }: OpenOptions): Promise<OpenedJob> {
    const secret = randomSecret();
    const items = requests.map(
      (request, index): ItemInput => ({
        request: JSON.stringify(request),
        promptTokensCap,
        outputTokensCap: itemOutputTokensCap,
        samplerHash: samplerHashOf(request),
        requesterSeed: requesterSeedOf(request),
        salt: deriveSecret(secret, keccak256("0x01"), index),
      }),
    );
    const tree = new PositionalTree(items.map((item, index) => itemLeaf(index, item)));
    const request = {
      nonce: hexToBigInt(randomSecret()),
      modelId,
      inputRoot: tree.root,
      auditRoot: randomSecret(),
      encryptionKey: this.keys.publicKey,
      auditor: zeroAddress,
      itemCount: items.length,
      promptTokensCap,
      outputTokensCap,
      promptLimitPerMillion,
      outputLimitPerMillion,
      startBps,
      rampSeconds,
      turnaroundSeconds,
      minLotItems,
      minLotValue,
    };
    const receipt = await this.#write("openJob", [
      this.account.address,
      request,
      fills.map((fill) => ({ ...fill, signature: "0x" })),
    ]);
    const [log] = parseEventLogs({ abi: marketAbi, eventName: "JobOpened", logs: receipt.logs });
    return { jobId: log!.args.jobId, job: log!.args.job, items, tree };
  }

  /** The lots of a job so far, in the order they were assigned. */
  async lots(jobId: Hex): Promise<AssignedLot[]> {
    const logs = await this.reader.getContractEvents({
      abi: marketAbi,
      address: this.network.market,
      eventName: "LotAssigned",
      args: { jobId },
      fromBlock: 0n,
      strict: true,
    });
    return logs.map(({ args }) => ({ lotId: args.lotId, lot: args.lot, encryptionKey: args.encryptionKey }));
  }

  async lotsOf(jobId: Hex, count: number): Promise<AssignedLot[]> {
    await eventually(async () => (await this.lots(jobId)).length).toBe(count);
    return this.lots(jobId);
  }

  async upload(opened: OpenedJob, { lot, encryptionKey }: AssignedLot, bytes?: Uint8Array): Promise<void> {
    const plain = bytes ?? encodeInput(opened, lot);
    const sealed = await seal(encryptionKey, plain);
    await putBlob(this.network.relays[0]!, {
      ref: this.network,
      lot,
      kind: "input",
      account: this.account,
      bytes: sealed,
    });
  }

  async status(lotId: Hex): Promise<LotStatus> {
    const state = await this.reader.readContract({
      abi: marketAbi,
      address: this.network.market,
      functionName: "lotState",
      args: [lotId],
    });
    return unpackLotState(state).status;
  }

  async reaches(lotId: Hex, status: LotStatus): Promise<void> {
    await eventually(() => this.status(lotId)).toBe(status);
  }

  async submission(lotId: Hex): Promise<Submission> {
    return (await this.submissions(lotId)).at(-1)!;
  }

  async submissions(lotId: Hex): Promise<Submission[]> {
    const logs = await this.reader.getContractEvents({
      abi: marketAbi,
      address: this.network.market,
      eventName: "LotSubmitted",
      args: { lotId },
      fromBlock: 0n,
      strict: true,
    });
    return logs.map(({ args }) => args.submission);
  }

  /** The transactions that submitted lots of a job. */
  async submitTransactions(jobId: Hex): Promise<Hex[]> {
    const logs = await this.reader.getContractEvents({
      abi: marketAbi,
      address: this.network.market,
      eventName: "LotSubmitted",
      args: { jobId },
      fromBlock: 0n,
    });
    return [...new Set(logs.map(({ transactionHash }) => transactionHash))];
  }

  /** Waits for a lot's results and key, opens them, and holds every word of them against what was committed. */
  async results(opened: OpenedJob, { lotId, lot }: AssignedLot): Promise<ResultsBundle> {
    const relay = this.network.relays[0]!;
    const common = { chainId: this.network.chainId, market: this.network.market };
    const key = { ...common, jobId: lot.jobId, lotId, author: lot.provider } as const;
    const wrapped = await getBlob(relay, { key: { ...key, kind: "results-key" }, waitSeconds: 20 });
    const sealed = await getBlob(relay, { key: { ...key, kind: "results" } });
    const submission = await this.submission(lotId);
    expect(hashChunks(sealed!)).toBe(submission.resultsHash);
    const bytes = await open(this.keys.identity, wrapped!);
    expect(keccak256(bytes)).toBe(submission.resultsKeyHash);
    const identity = identityFromBytes(bytes);
    await encryptionKeysOf(identity);
    const bundle = decodeResults(await open(identity, sealed!), { lotId, itemCount: lot.itemCount });
    const inputs = opened.items.slice(lot.firstItem, lot.firstItem + lot.itemCount);
    const { tree, totals } = writeReceipts({
      jobId: lot.jobId,
      classHash: await this.#classHash(opened.job.request.modelId),
      firstItem: lot.firstItem,
      inputLeaves: inputs.map((item, i) => itemLeaf(lot.firstItem + i, item)),
      outcomes: bundle.results,
    });
    expect({ root: tree.root, totals }).toEqual({ root: submission.root, totals: submission.totals });
    return bundle;
  }

  async accept(lots: readonly AssignedLot[]): Promise<void> {
    const settlements = lots.map(async ({ lot, lotId }) => settlementOf(lot, await this.submission(lotId)));
    await this.#send(this.network.market, encodeAccept(await Promise.all(settlements)));
  }

  /** Whether a lot was paid: the Market forgets it then. */
  async isSettled(lotId: Hex): Promise<boolean> {
    const logs = await this.reader.getContractEvents({
      abi: marketAbi,
      address: this.network.market,
      eventName: "LotSettled",
      args: { lotId },
      fromBlock: 0n,
    });
    return logs.length > 0;
  }

  /** Raises a job's limits, also of lots of it that are open. Returns the new terms. */
  async topUp(
    job: Job,
    limits: { promptLimitPerMillion: bigint; outputLimitPerMillion: bigint },
    lots: readonly AssignedLot[] = [],
  ): Promise<Job> {
    const { promptLimitPerMillion, outputLimitPerMillion } = limits;
    await this.#write("topUp", [
      job,
      promptLimitPerMillion,
      outputLimitPerMillion,
      lots.map(({ lot }) => lot),
    ]);
    return { ...job, request: { ...job.request, ...limits } };
  }

  /** Withdraws whatever of a job nobody has taken. */
  async close({ job }: OpenedJob, lots: readonly AssignedLot[] = []): Promise<void> {
    await this.#write("close", [job, lots.map(({ lot }) => lot)]);
  }

  /** Demands to see a receipt, which stops the lot's window. */
  async demand({ job }: OpenedJob, { lot }: AssignedLot, index: number): Promise<void> {
    await this.#writeFaults("demandReceipt", [job, lot, BigInt(index)]);
  }

  /** Takes the collateral of a provider who did not show a receipt in time. */
  async failDemand({ lot }: AssignedLot, index: number): Promise<void> {
    await this.#writeFaults("failDemand", [lot, BigInt(index)]);
  }

  /** The receipts of a lot that were shown. */
  async answers(lotId: Hex) {
    const logs = await this.reader.getContractEvents({
      abi: faultsAbi,
      address: this.network.faults,
      eventName: "ReceiptAnswered",
      args: { lotId },
      fromBlock: 0n,
      strict: true,
    });
    return logs.map(({ args }) => args);
  }

  /** What the provider earns for a lot, by the submission alone. */
  async due({ lotId, lot }: AssignedLot): Promise<bigint> {
    const { promptTokens, outputTokens } = (await this.submission(lotId)).totals;
    return costUp(promptTokens, outputTokens, lot);
  }

  async #classHash(modelId: Hex): Promise<Hex> {
    const [log] = await this.reader.getContractEvents({
      abi: modelRegistryAbi,
      address: this.network.modelRegistry,
      eventName: "ModelPublished",
      args: { modelId },
      fromBlock: 0n,
      strict: true,
    });
    return log!.args.spec.classHash;
  }

  #write(functionName: "openJob" | "topUp" | "close", args: readonly unknown[]): Promise<TransactionReceipt> {
    // The cast: one helper for several functions.
    const call = { abi: marketAbi as Abi, functionName, args };
    return this.#send(this.network.market, encodeFunctionData(call));
  }

  #writeFaults(
    functionName: "demandReceipt" | "failDemand",
    args: readonly unknown[],
  ): Promise<TransactionReceipt> {
    const call = { abi: faultsAbi as Abi, functionName, args };
    return this.#send(this.network.faults, encodeFunctionData(call));
  }

  async #send(to: Address, data: Hex): Promise<TransactionReceipt> {
    const hash = await this.#wallet.sendTransaction({ chain: null, to, data });
    const receipt = await this.reader.waitForTransactionReceipt({ hash });
    expect(receipt.status).toBe("success");
    return receipt;
  }
}
